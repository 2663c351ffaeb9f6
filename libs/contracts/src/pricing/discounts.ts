import type { Meter } from '#libs/kernel';
import type { ContractTerms } from '../contract/terms.js';

/** All of it: ten thousand hundredths of a percent. */
export const WHOLE_BASIS_POINTS = 10_000n;

/** What the discounts on a meter leave of its price. */
export function keptBasisPoints({ discounts }: Pick<ContractTerms, 'discounts'>, meter: Meter): bigint {
  const applying = discounts.filter(({ meters }) => meters === null || meters.includes(meter));
  const discounted = applying.reduce((sum, { basisPoints }) => sum + BigInt(basisPoints), 0n);
  return WHOLE_BASIS_POINTS - (discounted < WHOLE_BASIS_POINTS ? discounted : WHOLE_BASIS_POINTS);
}
