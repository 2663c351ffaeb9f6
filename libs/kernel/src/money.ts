import Fraction from 'fraction.js';
import type { Currency } from './currencies.js';

/** Amounts are whole billionths of a currency's unit: a token may cost far less than a cent. 1 USD = 1,000,000,000 nanos. */
export const NANOS_PER_DOLLAR = 1_000_000_000n;

export interface Money {
  currency: Currency;
  nanos: bigint;
}

/** Rounds a rational number of nanos once, half away from zero. */
export function roundToNanos(amount: Fraction): bigint {
  const magnitude = amount.abs();
  const doubled = 2n * magnitude.n + magnitude.d;
  return (doubled / (2n * magnitude.d)) * amount.s;
}

/** "12.34 USD" with as many decimals as the amount needs, at least two. */
export function formatMoney({ currency, nanos }: Money): string {
  const sign = nanos < 0n ? '-' : '';
  const magnitude = nanos < 0n ? -nanos : nanos;
  const fraction = (magnitude % NANOS_PER_DOLLAR).toString().padStart(9, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${sign}${magnitude / NANOS_PER_DOLLAR}.${fraction} ${currency}`;
}

export function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

export function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

export { Fraction };
