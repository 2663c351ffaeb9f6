import { type Currency, Fraction, MINOR_UNIT_DECIMALS, roundToNanos } from '#libs/kernel';

const NANO_DECIMALS = 9;

export function nanosPerMinor(currency: Currency): bigint {
  return 10n ** BigInt(NANO_DECIMALS - MINOR_UNIT_DECIMALS[currency]);
}

/** amount × numerator / denominator, rounded once, half away from zero. */
export function roundedPart(amount: bigint | Fraction, numerator: bigint, denominator: bigint): bigint {
  // The kernel's rounding is that of any rational to a whole number; here the whole is a minor unit.
  return roundToNanos(new Fraction(amount).mul(new Fraction(numerator, denominator)));
}

export function sumOf(amounts: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}
