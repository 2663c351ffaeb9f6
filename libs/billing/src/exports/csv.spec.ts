import { expect, test } from '@jest/globals';
import { csvOf, decimalOf } from './csv.js';

test('texts that a spreadsheet would run are texts; numbers stay numbers', () => {
  const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', 'plain', 'a "b", c'];
  const line = csvOf([texts]).trimEnd();
  expect(line).toBe(`'=1+1,'+1,'-1,'@SUM(A1),'\tx,plain,"a ""b"", c"`);
  const time = new Date('2024-01-01T00:00:00.000Z');
  expect(csvOf([[decimalOf(-5n, 2n), -7n, null, time]])).toBe('-2.5,-7,,2024-01-01T00:00:00.000Z\r\n');
});

test.each([
  [0n, 7n, '0'],
  [1n, 1_000_000_000n, '0.000000001'],
  [-1n, 3n, '-0.333333333333333333'],
  [2n, 3n, '0.666666666666666667'],
  [1_250n, 100n, '12.5'],
  [-1n, 10n ** 20n, '0'],
])('%s / %s is %s', (numerator, denominator, text) => {
  expect(decimalOf(numerator, denominator).text).toBe(text);
});
