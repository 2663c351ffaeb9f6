import { describe, expect, test } from '@jest/globals';
import { BLANK, blankRule, blankTier } from './blank';
import { changesBetween } from './changes';
import { fromField, termsOf, toField, valuesOf } from './convert';
import type { Contract, Version } from './documents';
import { schema, type Values } from './values';

const VALUES: Values = {
  ...BLANK,
  organizationId: 'org_1',
  name: 'Master agreement',
  currency: 'KWD',
  endsAt: '2099-01-01T00:00',
  prices: [
    { ...blankRule('INPUT_TOKENS'), tiers: [{ ...blankTier('INPUT_TOKENS'), price: '0.15' }] },
    {
      ...blankRule('GPU_SECONDS'),
      kind: 'graduated',
      match: { ...blankRule('GPU_SECONDS').match, familyId: 'fam_1' },
      tiers: [
        { upTo: '3600', price: '2', per: '3600', fee: '1' },
        { upTo: '', price: '1.5', per: '3600', fee: '0' },
      ],
    },
  ],
  discounts: [{ id: 'early', percent: '7.5', meters: ['INPUT_TOKENS'] }],
  minimum: '1000.125',
  commitments: [
    { id: 'year', kind: 'PREPAID', amount: '50', from: '2098-01-01T00:00', to: '2099-01-01T00:00', overage: '120' },
  ],
  tax: '19',
  paymentDays: '45',
  exportClearances: '4E091, EAR99',
  regions: 'eu-central',
  uploadDays: '90',
  afterEndDays: '0',
};

describe('the form of a draft', () => {
  test('is what the api takes: minor units of the currency, nanos, basis points', () => {
    expect(schema.safeParse(VALUES).success).toBe(true);
    const { prices, discounts, minimumMinor, commitments, taxBasisPoints, paymentDays, ...use } = termsOf(VALUES);
    expect(prices[0]).toEqual({
      id: 'input-tokens',
      meter: 'INPUT_TOKENS',
      flat: { priceNanos: '150000000', perUnits: '1000000' },
    });
    expect(prices[1]?.graduated?.tiers).toEqual([
      { upTo: '3600', priceNanos: '2000000000', perUnits: '3600', feeNanos: '1000000000' },
      { priceNanos: '1500000000', perUnits: '3600', feeNanos: '0' },
    ]);
    expect(use).toEqual({
      exportClearances: ['4E091', 'EAR99'],
      regions: ['eu-central'],
      retention: { uploadDays: 90, afterEndDays: 0 },
    });
    expect({ discounts, minimumMinor, taxBasisPoints, paymentDays }).toEqual({
      discounts: [{ id: 'early', basisPoints: 750, meters: ['INPUT_TOKENS'] }],
      minimumMinor: '1000125',
      taxBasisPoints: 1_900,
      paymentDays: 45,
    });
    expect(commitments?.[0]).toMatchObject({ amountMinor: '50000', overageBasisPoints: 12_000 });
  });

  test('comes back from the version that it made', () => {
    const version = { summary: '', effectiveFrom: null, terms: answered(VALUES) } as unknown as Version;
    const contract = {
      ...{ name: VALUES.name, currency: 'KWD', startsAt: null, endsAt: '2099-01-01T00:00:00.000Z', graceDays: 3 },
      ...{ purchaseOrder: null, organization: { id: 'org_1', name: 'Acme' } },
    } as unknown as Contract;
    expect(valuesOf(contract, version)).toEqual(VALUES);
  });

  test.each<[keyof Values, unknown]>([
    ['minimum', '0.0001'],
    ['tax', 'some'],
    ['paymentDays', '121'],
    ['exportClearances', 'EAR99, EAR99'],
    ['regions', 'eu central'],
    ['uploadDays', '0'],
    ['afterEndDays', '3651'],
    ['graceDays', '400'],
    ['prices', [VALUES.prices[0], VALUES.prices[0]]],
  ])('refuses a wrong %s, there', (field, value) => {
    const result = schema.safeParse({ ...VALUES, [field]: value });
    expect(result.error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });

  test('keeps the instant at which a contract started, to the millisecond', () => {
    expect(fromField(toField('2026-11-27T16:40:12.345Z'))).toBe('2026-11-27T16:40:12.345Z');
  });
});

test('a redline names what changes by its id, wherever it stands', () => {
  const [input, gpu] = VALUES.prices;
  const dearer = { ...input!, tiers: [{ ...input!.tiers[0]!, price: '0.2' }] };
  const changes = changesBetween(termsOf(VALUES), termsOf({ ...VALUES, prices: [gpu!, dearer], discounts: [] }));
  expect(changes).toEqual([
    {
      clause: 'PRICES',
      path: ['prices', 'input-tokens', 'flat', 'priceNanos'],
      before: '"150000000"',
      after: '"200000000"',
    },
    { clause: 'DISCOUNTS', path: ['discounts', 'early', 'id'], before: '"early"', after: null },
    { clause: 'DISCOUNTS', path: ['discounts', 'early', 'basisPoints'], before: '750', after: null },
    { clause: 'DISCOUNTS', path: ['discounts', 'early', 'meters', '0'], before: '"INPUT_TOKENS"', after: null },
  ]);
});

/** Terms as the api answers them: what was left out is null. */
function answered(values: Values) {
  const terms = termsOf(values);
  return {
    ...terms,
    prices: terms.prices.map(({ match, flat, graduated, volume, package: packaged, ...rule }) => ({
      ...rule,
      match: match ?? {},
      ...{ flat: flat ?? null, volume: volume ?? null, package: packaged ?? null },
      graduated: graduated ? { tiers: graduated.tiers.map((tier) => ({ ...tier, upTo: tier.upTo ?? null })) } : null,
    })),
  };
}
