const PER_MILLION = '1000000';

/** In billionths of a US dollar for a million tokens. */
export const LIST_PRICES = [
  { meter: 'TRAINING_TOKENS', priceNanos: '2500000000', perUnits: PER_MILLION },
  { meter: 'INPUT_TOKENS', priceNanos: '100000000', perUnits: PER_MILLION },
  { meter: 'OUTPUT_TOKENS', priceNanos: '400000000', perUnits: PER_MILLION },
  { meter: 'EVALUATION_TOKENS', priceNanos: '100000000', perUnits: PER_MILLION },
];
