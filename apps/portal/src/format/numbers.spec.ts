import { expect, test } from '@jest/globals';
import { formatOrdinal } from './numbers';

test.each([
  [1, '1st'],
  [2, '2nd'],
  [3, '3rd'],
  [4, '4th'],
  [11, '11th'],
  [12, '12th'],
  [23, '23rd'],
  [111, '111th'],
])('place %d is the %s', (value, text) => {
  expect(formatOrdinal(value)).toBe(text);
});
