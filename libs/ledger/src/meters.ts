/** What usage is of. Revenue is told apart by these: meters are finer than anybody reads books. */
export const METER_KINDS = ['training', 'inference', 'evaluation', 'replicas', 'storage'] as const;
export type MeterKind = (typeof METER_KINDS)[number];

/** The meters of docs/guides/how-an-invoice-is-made.md. */
const KIND_OF_METER = {
  training_tokens: 'training',
  input_tokens: 'inference',
  cached_input_tokens: 'inference',
  output_tokens: 'inference',
  evaluation_tokens: 'evaluation',
  gpu_seconds: 'replicas',
  stored_byte_hours: 'storage',
} as const satisfies Record<string, MeterKind>;

export type LedgerMeter = keyof typeof KIND_OF_METER;
export const LEDGER_METERS = Object.keys(KIND_OF_METER) as LedgerMeter[];

export function kindOfMeter(meter: LedgerMeter): MeterKind {
  return KIND_OF_METER[meter];
}
