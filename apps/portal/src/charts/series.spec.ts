import { describe, expect, test } from '@jest/globals';
import { align, nearestIndex, type Series, valueNear } from './series';

const series = (id: string, points: Array<[number, number | null]>): Series => ({
  id,
  label: id,
  x: points.map(([x]) => x),
  y: points.map(([, y]) => y),
});

describe('curves over one axis', () => {
  test('are taken as they are where they share it', () => {
    const one = series('a', [
      [1, 10],
      [2, 20],
    ]);
    const other = series('b', [
      [1, 11],
      [2, null],
    ]);
    const [x, first, second] = align([one, other]);
    expect(x).toBe(one.x);
    expect([first, second]).toEqual([
      [10, 20],
      [11, null],
    ]);
  });

  test('are bridged where others have points, and stay broken where they are', () => {
    const one = series('a', [
      [1, 10],
      [3, null],
      [5, 50],
    ]);
    const other = series('b', [
      [2, 20],
      [3, 30],
    ]);
    expect(align([one, other])).toEqual([
      [1, 2, 3, 5],
      [10, undefined, null, 50],
      [undefined, 20, 30, undefined],
    ]);
  });

  test('may be none', () => {
    expect(align([])).toEqual([[]]);
  });
});

test('a curve says at x what its nearest point says, and nothing beyond its ends', () => {
  const one = series('a', [
    [10, 1],
    [20, null],
    [30, 3],
  ]);
  expect([9, 10, 14, 18, 27, 30, 31].map((x) => valueNear(one, x))).toEqual([null, 1, 1, null, 3, 3, null]);
  expect(valueNear(series('b', []), 1)).toBeNull();
});

test.each([
  [0, 0],
  [14, 0],
  [16, 1],
  [31, 2],
  [1_000, 3],
])('the point nearest to %d', (wanted, index) => {
  expect(nearestIndex([10, 20, 30, 40], wanted)).toBe(index);
});
