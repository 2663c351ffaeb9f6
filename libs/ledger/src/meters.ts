import type { Meter } from '#libs/kernel';

/** What usage is of. Revenue is told apart by these: meters are finer than anybody reads books. */
export const METER_KINDS = ['training', 'inference', 'evaluation', 'replicas', 'storage'] as const;
export type MeterKind = (typeof METER_KINDS)[number];

const KIND_OF_METER: Record<Meter, MeterKind> = {
  training_tokens: 'training',
  input_tokens: 'inference',
  cached_input_tokens: 'inference',
  output_tokens: 'inference',
  evaluation_tokens: 'evaluation',
  gpu_seconds: 'replicas',
  stored_byte_hours: 'storage',
};

export function kindOfMeter(meter: Meter): MeterKind {
  return KIND_OF_METER[meter];
}
