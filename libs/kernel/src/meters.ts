/** All that can be priced and billed, in the order of an invoice's lines: docs/guides/how-an-invoice-is-made.md. */
export const METERS = [
  'training_tokens',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'evaluation_tokens',
  'gpu_seconds',
  'stored_byte_hours',
] as const;
export type Meter = (typeof METERS)[number];
