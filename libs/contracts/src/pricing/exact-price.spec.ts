import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Fraction } from '#libs/kernel';
import type { ContractPrice } from '../contract/terms.js';
import { dearestUnit, exactPriceNanos, highestPriceNanos } from './exact-price.js';

const amount = fc.bigInt({ min: 0n, max: 1_000n });
const units = fc.bigInt({ min: 1n, max: 50n });
const tiers = fc
  .array(fc.record({ width: units, priceNanos: amount, perUnits: units, feeNanos: amount }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((widths) => {
    let upTo = 0n;
    return widths.map(({ width, ...tier }, position) => {
      upTo += width;
      return { ...tier, upTo: position === widths.length - 1 ? null : upTo };
    });
  });
const price: fc.Arbitrary<ContractPrice> = fc.oneof(
  fc.record({ kind: fc.constant('flat' as const), priceNanos: amount, perUnits: units }),
  fc.record({ kind: fc.constant('package' as const), priceNanos: amount, packageUnits: units }),
  fc.record({ kind: fc.constant('graduated' as const), tiers }),
  fc.record({ kind: fc.constant('volume' as const), tiers }),
);

it('is never beneath the truth: what parts cost at most is no less than what they cost together', () => {
  fc.assert(
    fc.property(price, fc.array(units, { minLength: 1, maxLength: 8 }), (of, parts) => {
      const highest = parts.reduce((sum, part) => sum.add(highestPriceNanos(of, part)), new Fraction(0));
      const whole = exactPriceNanos(
        of,
        parts.reduce((sum, part) => sum + part, 0n),
      );
      expect(highest.compare(whole)).toBeGreaterThanOrEqual(0);
      if (of.kind === 'flat') expect(highest.equals(whole)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

it('costs nothing for nothing', () => {
  fc.assert(fc.property(price, (of) => expect(highestPriceNanos(of, 0n).equals(0)).toBe(true)));
});

it('shows the dearest tier, whichever it is', () => {
  const tier = (priceNanos: bigint, perUnits: bigint, upTo: bigint | null) => ({
    priceNanos,
    perUnits,
    upTo,
    feeNanos: 0n,
  });
  const graduated = { kind: 'graduated' as const, tiers: [tier(9n, 3n, 5n), tier(7n, 2n, 9n), tier(1n, 1n, null)] };
  expect(dearestUnit(graduated)).toMatchObject({ priceNanos: 7n, perUnits: 2n });
});
