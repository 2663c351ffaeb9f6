import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { canonicalJson } from '#libs/kernel';
import { flatRule } from '../../../contracts/src/contract/terms.fixture.js';
import { InvoiceDocumentService } from '../documents/invoice-document.service.js';
import { hashOf } from '../invoicing/index.js';
import { readLineUsage } from './line-usage.js';
import { type Partnership, PartnershipFixture, RULES, termsOf } from './partnership.fixture.js';

const START = '2024-01-10T12:00:00.000Z';
const GB_MONTH = 730_000_000_000;
/** Ten cents a GB-month. */
const STORAGE = flatRule('storage', '1', {
  meter: 'stored_byte_hours',
  price: { kind: 'flat', priceNanos: '100000000', perUnits: String(GB_MONTH) },
});
/** A tenth of the full price for what was cached: a cent for ten. */
const CACHED = flatRule('cached', '1', {
  meter: 'cached_input_tokens',
  price: { kind: 'flat', priceNanos: '10000000', perUnits: '10' },
});
let fixture: PartnershipFixture;

beforeAll(async () => {
  fixture = await PartnershipFixture.start(START);
});
afterAll(() => fixture?.stop());
beforeEach(() => {
  fixture.clock.set(new Date(START));
});

/** A prompt of which most was cached, one that was cached as a whole, and two days of a lot of files. */
async function use(partner: Partnership): Promise<string[]> {
  return [
    await fixture.use(partner, { at: '2024-01-20T08:00:00.000Z', input: 100, cached: 60 }),
    await fixture.use(partner, { at: '2024-01-20T09:00:00.000Z', input: 40, cached: 40 }),
    await fixture.use(partner, { at: '2024-01-21T00:00:00.000Z', stored: GB_MONTH }),
    await fixture.use(partner, { at: '2024-01-22T00:00:00.000Z', stored: 2 * GB_MONTH }),
  ];
}

/** The first invoice: as it was foretold, and as it comes out of its history alone. */
async function invoiceOf(partner: Partnership) {
  await fixture.at('2024-02-01T00:00:00.000Z');
  fixture.clock.set(new Date('2024-02-04T00:00:00.000Z'));
  const preview = await fixture.preview(partner);
  await fixture.at('2024-02-04T00:00:00.001Z');
  const [issued] = await fixture.issued(partner);
  expect(canonicalJson(preview!.invoice)).toBe(issued!.document);
  const { result } = await fixture.rebuilt(partner);
  expect(hashOf(result.invoices[0]!)).toBe(issued!.documentSha256);
  return { id: issued!.id, ...preview!.invoice, unpriced: result.unpriced };
}

it('has lines of their own for cached tokens and storage where the contract prices them', async () => {
  const rules = [...RULES, CACHED, STORAGE];
  const partner = await fixture.agree('2024-08-16T00:00:00.000Z', { terms: termsOf({ prices: rules }) });
  const [first, second, ...days] = await use(partner);
  const { id, usage } = await invoiceOf(partner);
  expect(usage).toMatchObject([
    { ruleId: 'input', quantity: '40', amountMinor: '40' },
    { ruleId: 'cached', meter: 'cached_input_tokens', quantity: '100', amountMinor: '10' },
    { ruleId: 'storage', meter: 'stored_byte_hours', quantity: String(3 * GB_MONTH), amountMinor: '30' },
  ]);
  const sheet = await fixture.database.read(partner.scope, (tx) => new InvoiceDocumentService().sheet(tx, id));
  expect(sheet.lines.map(({ price }) => price)).toEqual(['0.01 USD per 1', '0.01 USD per 10', '0.10 USD per GB-month']);
  const behind = (position: number) =>
    fixture.database.read(partner.scope, async (tx) => {
      const lineId = `${id}.${position}`;
      return (await readLineUsage(tx, { invoiceId: id, lineId, after: null, first: 10 })).map((line) => [
        line.id,
        line.quantity,
      ]);
    });
  expect(await behind(1)).toEqual([[first, 40n]]);
  expect(await behind(2)).toEqual([
    [first, 60n],
    [second, 40n],
  ]);
  expect(await behind(3)).toEqual([
    [days[0], BigInt(GB_MONTH)],
    [days[1], BigInt(2 * GB_MONTH)],
  ]);
});

it('takes cached tokens for prompt tokens and says nothing of storage where the contract does not price them', async () => {
  const partner = await fixture.agree('2024-08-16T00:00:00.000Z', { terms: termsOf() });
  await use(partner);
  const { usage, unpriced } = await invoiceOf(partner);
  expect(usage).toMatchObject([{ ruleId: 'input', quantity: '140', amountMinor: '140' }]);
  expect(usage).toHaveLength(1);
  expect(unpriced).toEqual([]);
});

it('goes by the version in force when it was used', async () => {
  const partner = await fixture.agree('2024-08-16T00:00:00.000Z', { terms: termsOf() });
  await fixture.use(partner, { at: '2024-01-20T08:00:00.000Z', input: 10, cached: 10 });
  fixture.clock.set(new Date('2024-01-21T00:00:00.000Z'));
  await fixture.amend(partner, { terms: termsOf({ prices: [...RULES, CACHED] }) });
  await fixture.use(partner, { at: '2024-01-22T08:00:00.000Z', input: 20, cached: 20 });
  const { usage } = await invoiceOf(partner);
  expect(usage).toMatchObject([
    { ruleId: 'input', version: 1, quantity: '10' },
    { ruleId: 'cached', version: 2, quantity: '20' },
  ]);
});
