import { expect, test } from '@jest/globals';
import type { ListingDocument } from './documents';
import { BLANK, offerOf, schema, type Values, valuesOf } from './offer';

const prices = (...amounts: string[]): Values['prices'] =>
  BLANK.prices.map((blank, place) => ({ ...blank, amount: amounts[place] ?? '' }));
const FILLED: Values = {
  ...BLANK,
  ...{ checkpointId: 'ckpt_1', title: 'Rust helper', summary: 'Writes Rust.', terms: ' Use it kindly.\n' },
  prices: prices('0.5', '', '1.5'),
};
const problemsOf = (part: Partial<Values>) =>
  (schema.safeParse({ ...FILLED, ...part }).error?.issues ?? []).map(({ path }) => path.join('.'));

test('amounts are exact, what is left out is not sent, terms stay as they were written', () => {
  expect(offerOf(schema.parse(FILLED))).toEqual({
    ...{ title: 'Rust helper', summary: 'Writes Rust.', terms: ' Use it kindly.\n', currency: 'USD' },
    ...{ allowsFineTuning: false, organizationIds: null },
    prices: [
      { meter: 'INPUT_TOKENS', priceNanos: '500000000', perUnits: '1000000' },
      { meter: 'OUTPUT_TOKENS', priceNanos: '1500000000', perUnits: '1000000' },
    ],
  });
});

test.each<[Partial<Values>, string[]]>([
  [{}, []],
  [{ prices: prices('', '', '1.5') }, ['prices.0.amount']],
  [{ prices: prices('0.5', 'much', '1.5') }, ['prices.1.amount']],
  [{ terms: ' \n' }, ['terms']],
  [{ audience: 'NAMED' }, ['organizationIds']],
  [{ audience: 'NAMED', organizationIds: 'Borealis' }, ['organizationIds']],
  [{ audience: 'NAMED', organizationIds: 'org_1, org_2' }, []],
  [{ organizationIds: 'Borealis' }, []],
])('what is wrong is said where it stands: %j', (part, problems) => {
  expect(problemsOf(part)).toEqual(problems);
});

test('each organization is named once', () => {
  const named = { ...FILLED, audience: 'NAMED' as const, organizationIds: 'org_2, org_1\norg_2' };
  expect(offerOf(named).organizationIds).toEqual(['org_2', 'org_1']);
});

test('what is changed begins as it was, prices of another number of tokens too', () => {
  const offer = {
    ...offerOf(FILLED),
    audience: 'NAMED',
    prices: [
      { meter: 'INPUT_TOKENS', priceNanos: '1', perUnits: '3' },
      { meter: 'OUTPUT_TOKENS', priceNanos: '2', perUnits: '1' },
    ],
  };
  const listing = { ...offer, checkpoint: { id: 'ckpt_1' }, namedOrganizationIds: ['org_1'] };
  const values = valuesOf(listing as unknown as ListingDocument);
  expect(values.checkpointId).toBe('ckpt_1');
  expect(offerOf(schema.parse(values))).toMatchObject({ prices: offer.prices, organizationIds: ['org_1'] });
});
