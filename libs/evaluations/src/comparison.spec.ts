import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { signTest } from './comparison.js';

const count = fc.integer({ min: 0, max: 10_000 });

describe('the sign test', () => {
  // Two-sided, exact: 2 * sum of C(n, k) / 2^n up to the smaller count, at most 1.
  test.each([
    [0, 0, 1],
    [1, 0, 1],
    [5, 0, 2 / 32],
    [9, 1, (2 * (1 + 10)) / 1024],
    [5, 5, 1],
    [60, 40, 0.05688793364098],
  ])('of %p wins and %p losses is %p', (wins, losses, expected) => {
    expect(signTest(wins, losses)).toBeCloseTo(expected, 10);
  });

  test('does not mind which of the two is the baseline, and is a probability', () => {
    fc.assert(
      fc.property(count, count, (wins, losses) => {
        const p = signTest(wins, losses);
        expect(p).toBe(signTest(losses, wins));
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('grows smaller as the same number of examples splits more unevenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(), (examples, seed) => {
        const losses = 1 + (seed % Math.ceil(examples / 2));
        fc.pre(losses <= examples - losses);
        const [even, uneven] = [signTest(examples - losses, losses), signTest(examples - losses + 1, losses - 1)];
        expect(uneven).toBeLessThanOrEqual(even);
      }),
    );
  });
});
