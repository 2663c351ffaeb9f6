import { expect, test } from '@jest/globals';
import type { PriceRule } from './documents';
import { exactQuantity, formatQuantity } from './meters';
import { priceText } from './price-text';

const NO_PRICE = { flat: null, graduated: null, volume: null, package: null };
const rule = (more: Partial<PriceRule>): PriceRule => ({
  id: 'r',
  meter: 'INPUT_TOKENS',
  match: { projectId: null, listingId: null, checkpointId: null, familyId: null, method: null },
  ...NO_PRICE,
  ...more,
});
const tier = (upTo: string | null, priceNanos: string, feeNanos = '0') => ({
  upTo,
  priceNanos,
  perUnits: '1000000',
  feeNanos,
});

test.each([
  [rule({ flat: { priceNanos: '3000000000', perUnits: '1000000' } }), '€3.00 per 1M tokens'],
  [rule({ meter: 'GPU_SECONDS', flat: { priceNanos: '2500000000', perUnits: '3600' } }), '€2.50 per GPU-hour'],
  [rule({ package: { priceNanos: '5000000000', packageUnits: '1000' } }), '€5.00 for each 1K tokens begun'],
  [
    rule({ graduated: { tiers: [tier('1000', '3000000000'), tier(null, '2000000000', '1000000000')] } }),
    'each part at its tier: up to 1,000 tokens €3.00 per 1M tokens; beyond €2.00 per 1M tokens and €1.00',
  ],
  [rule({ volume: { tiers: [tier(null, '3000000000')] } }), 'all at the tier reached: beyond €3.00 per 1M tokens'],
])('a price in words', (priced, text) => {
  expect(priceText(priced, 'EUR')).toBe(text);
});

test('quantities in the unit that people know, and as counted', () => {
  expect(formatQuantity('GPU_SECONDS', '5400')).toBe('1.5 GPU-hours');
  expect(formatQuantity('STORED_BYTE_HOURS', '1460000000000')).toBe('2 GB-months');
  expect(exactQuantity('OUTPUT_TOKENS', '1')).toBe('1 token');
});
