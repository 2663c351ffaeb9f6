import { formatCount, formatMeasure, formatShort } from '../format';
import type { Meter } from './documents';

interface MeterUnit {
  /** What is counted, one and many. */
  one: string;
  many: string;
  /** For how many of them a price is usually given. */
  priced: string;
  /** How so many are called, where they have a name: also what people read a quantity in. */
  pricedAs?: string;
}

const TOKENS: MeterUnit = { one: 'token', many: 'tokens', priced: '1000000' };

export const METER_UNITS: Readonly<Record<Meter, MeterUnit>> = {
  TRAINING_TOKENS: TOKENS,
  INPUT_TOKENS: TOKENS,
  CACHED_INPUT_TOKENS: TOKENS,
  OUTPUT_TOKENS: TOKENS,
  EVALUATION_TOKENS: TOKENS,
  GPU_SECONDS: { one: 'GPU-second', many: 'GPU-seconds', priced: '3600', pricedAs: 'GPU-hour' },
  STORED_BYTE_HOURS: { one: 'byte-hour', many: 'byte-hours', priced: '730000000000', pricedAs: 'GB-month' },
};
export const METERS = Object.keys(METER_UNITS) as Meter[];

export function isTokens(meter: Meter): boolean {
  return METER_UNITS[meter] === TOKENS;
}

/** As it was counted. */
export function exactQuantity(meter: Meter, quantity: string): string {
  const { one, many } = METER_UNITS[meter];
  return `${formatCount(quantity)} ${quantity === '1' ? one : many}`;
}

/** In the unit in which people know it: tokens, GPU-hours, GB-months. */
export function formatQuantity(meter: Meter, quantity: string): string {
  const { priced, pricedAs } = METER_UNITS[meter];
  if (!pricedAs) return exactQuantity(meter, quantity);
  return `${formatMeasure(Number(quantity) / Number(priced))} ${pricedAs}s`;
}

/** "1M tokens", "GPU-hour": after "per". */
export function formatUnits(meter: Meter, units: string): string {
  const { one, many, priced, pricedAs } = METER_UNITS[meter];
  if (pricedAs && units === priced) return pricedAs;
  return units === '1' ? one : `${formatShort(units)} ${many}`;
}
