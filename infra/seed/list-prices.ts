const PER_MILLION = '1000000';
/** 10⁹ bytes for 730 hours. */
const PER_GB_MONTH = '730000000000';

/** In billionths of a US dollar, for a million tokens or a GB-month. */
export const LIST_PRICES = [
  { meter: 'TRAINING_TOKENS', priceNanos: '2500000000', perUnits: PER_MILLION },
  { meter: 'INPUT_TOKENS', priceNanos: '100000000', perUnits: PER_MILLION },
  { meter: 'CACHED_INPUT_TOKENS', priceNanos: '25000000', perUnits: PER_MILLION },
  { meter: 'OUTPUT_TOKENS', priceNanos: '400000000', perUnits: PER_MILLION },
  { meter: 'EVALUATION_TOKENS', priceNanos: '100000000', perUnits: PER_MILLION },
  { meter: 'STORED_BYTE_HOURS', priceNanos: '100000000', perUnits: PER_GB_MONTH },
];
