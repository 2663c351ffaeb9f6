import { describe, expect, test } from '@jest/globals';
import { parseDecimal, writeDecimal } from './decimal';

describe('amounts in a field', () => {
  test.each([
    ['0.15', 9, '150000000'],
    ['12', 9, '12000000000'],
    ['0.000000001', 9, '1'],
    ['0', 9, '0'],
    ['12.3', 2, '1230'],
    ['5', 0, '5'],
    ['0.125', 3, '125'],
  ])('%s with %d digits is %s, and back', (text, digits, units) => {
    expect(parseDecimal(text, digits)).toBe(units);
    expect(writeDecimal(units, digits)).toBe(text);
  });

  test.each([
    ['', 2],
    ['-1', 2],
    ['1.', 2],
    ['1,5', 2],
    ['0.005', 2],
    ['1.5', 0],
    ['free', 2],
  ])('%p is nothing with %d digits', (text, digits) => {
    expect(parseDecimal(text, digits)).toBeNull();
  });

  test('zeros that are shown all the same', () => {
    expect(writeDecimal('-1230', 2, 2)).toBe('-12.30');
  });
});
