import { expect, test } from '@jest/globals';
import { type Currency, formatMinor } from './currencies.js';

test.each<[bigint, Currency, string]>([
  [1_230n, 'USD', '12.30 USD'],
  [-5n, 'EUR', '-0.05 EUR'],
  [0n, 'GBP', '0.00 GBP'],
  [5n, 'JPY', '5 JPY'],
  [125n, 'KWD', '0.125 KWD'],
])('%s minor units of %s are %s', (amount, currency, text) => {
  expect(formatMinor(amount, currency)).toBe(text);
});
