import type { Currency } from '#libs/kernel';

/** Exactly so many nanos for so many units. */
export interface UnitPrice {
  priceNanos: bigint;
  perUnits: bigint;
}

/** What the tokens of one model cost one spender at most. */
export interface TokenPrices {
  inputTokens: UnitPrice;
  outputTokens: UnitPrice;
}

/** Tokens of one call, or of several together. */
export interface TokenUse {
  inputTokens: number;
  outputTokens: number;
}

/** What a gateway may let one spender use of one model, held beforehand by every cap that applies. */
export interface SpendLease {
  id: string;
  /** For calls; fees of tiers, which the lease holds too, are not in it. */
  nanos: bigint;
  currency: Currency;
  prices: TokenPrices;
  /** Calls may be admitted under it from then on, and before it expires: within one calendar month, at one price. */
  admitsFrom: Date;
  expiresAt: Date;
}

/** What tokens cost at most, rounded up: what several calls cost together is never more than the sum of theirs. */
export function costNanos({ inputTokens: input, outputTokens: output }: TokenPrices, use: TokenUse): bigint {
  const nanos =
    BigInt(use.inputTokens) * input.priceNanos * output.perUnits +
    BigInt(use.outputTokens) * output.priceNanos * input.perUnits;
  const units = input.perUnits * output.perUnits;
  return (nanos + units - 1n) / units;
}
