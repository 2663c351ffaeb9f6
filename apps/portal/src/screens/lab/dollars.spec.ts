import { describe, expect, test } from '@jest/globals';
import { dollarsOf, nanosOf } from './dollars';

describe('prices in dollars', () => {
  test.each([
    ['0.15', '150000000'],
    ['12', '12000000000'],
    ['0.000000001', '1'],
    ['0', '0'],
  ])('%s is %s nano-dollars, and back', (dollars, nanos) => {
    expect(nanosOf(dollars)).toBe(nanos);
    expect(dollarsOf(nanos)).toBe(dollars);
  });

  test.each(['', '-1', '1.', '1,5', '0.0000000001', 'free'])('%p is no price', (text) => {
    expect(nanosOf(text)).toBeNull();
  });
});
