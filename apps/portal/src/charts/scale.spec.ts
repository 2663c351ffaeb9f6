import { describe, expect, test } from '@jest/globals';
import { linearScale, logScale } from './scale';

describe('a linear scale', () => {
  test.each([
    [[0, 4_000_000], 5, [0, 1_000_000, 2_000_000, 3_000_000, 4_000_000]],
    [[0.7, 1.45], 4, [0.8, 1, 1.2, 1.4]],
    [[3, 3], 4, [3]],
  ] as Array<[[number, number], number, number[]]>)('of %j has round ticks', (domain, count, ticks) => {
    expect(linearScale(domain, [0, 100]).ticks(count)).toEqual(ticks);
  });

  test('may run downwards', () => {
    const scale = linearScale([0, 10], [200, 0]);
    expect([scale(0), scale(2.5), scale(10)]).toEqual([200, 150, 0]);
  });
});

test('a logarithmic scale gives each factor the same room', () => {
  const scale = logScale([10, 100_000], [0, 400]);
  expect([scale(10), scale(100), scale(1_000), scale(100_000)]).toEqual([0, 100, 200, 400]);
  expect(scale.ticks(3)).toEqual([10, 100, 1_000, 10_000, 100_000]);
  expect(scale(0)).toBe(0);
});
