import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PriceService } from '#libs/contracts';
import { canonicalJson } from '#libs/kernel';
import { testCheckpoint, testListing, testOrganization } from '#test/harness';
import { flatRule } from '../../../contracts/src/contract/terms.fixture.js';
import { InvoiceDocumentService } from '../documents/invoice-document.service.js';
import { hashOf } from '../invoicing/index.js';
import { PartnershipFixture, RULES, termsOf } from './partnership.fixture.js';

const START = '2024-01-10T12:00:00.000Z';
/** Three cents for a token. */
const PRICE_NANOS = 30_000_000n;
let fixture: PartnershipFixture;
let listing: Awaited<ReturnType<typeof testListing>>;

beforeAll(async () => {
  fixture = await PartnershipFixture.start(START);
  const { testing, lab } = fixture;
  const publisher = await testOrganization(testing);
  const base = await testCheckpoint(testing, lab, { grantee: publisher });
  listing = await testListing(testing, { lab, publisher, base, priceNanos: PRICE_NANOS });
});
afterAll(() => fixture?.stop());

it('charges the use of a listing at its price, next to other use, and rebuilds from the history alone', async () => {
  fixture.clock.set(new Date(START));
  const partner = await fixture.agree('2024-08-16T00:00:00.000Z', { terms: termsOf() });
  await fixture.use(partner, { at: '2024-01-20T08:00:00.000Z', input: 100 });
  await fixture.use(partner, { at: '2024-01-20T09:00:00.000Z', input: 100, listingId: listing.id });
  await fixture.at('2024-02-01T00:00:00.000Z');
  fixture.clock.set(new Date('2024-02-04T00:00:00.000Z'));
  const preview = await fixture.preview(partner);
  await fixture.at('2024-02-04T00:00:00.001Z');
  const [invoice] = await fixture.issued(partner);
  expect(canonicalJson(preview!.invoice)).toBe(invoice!.document);
  expect(preview!.invoice.usage).toMatchObject([
    { ruleId: 'input', quantity: '100', amountMinor: '100' },
    { ruleId: `${listing.id}.input_tokens`, quantity: '100', amountMinor: '300' },
  ]);
  const sheet = await fixture.database.read(partner.scope, (tx) => new InvoiceDocumentService().sheet(tx, invoice!.id));
  expect(sheet.lines.map(({ price }) => price)).toEqual(['0.01 USD per 1', '0.03 USD per 1']);
  const { result } = await fixture.rebuilt(partner);
  expect(hashOf(result.invoices[0]!)).toBe(invoice!.documentSha256);
});

it('is quoted as it is charged: by the listing, but for a rule of the contract that names it', async () => {
  fixture.clock.set(new Date(START));
  const agreed = flatRule('ours', '1', { match: { listingId: listing.id } });
  const own = await fixture.agree('2024-08-16T00:00:00.000Z', { terms: termsOf({ prices: [...RULES, agreed] }) });
  const plain = await fixture.agree('2024-08-16T00:00:00.000Z', { terms: termsOf() });
  const { familyId, baseCheckpointId, id: listingId } = listing;
  const prices = new PriceService(fixture.clock);
  const ruleFor = (partner: typeof own, part: object) =>
    fixture.asSystem(partner, async (tx) => {
      const usage = { meter: 'input_tokens', projectId: null, method: null, familyId, baseCheckpointId } as const;
      return (await prices.bookFor(tx)).find({ ...usage, ...part }, fixture.clock.now())?.rule.id;
    });
  expect(await ruleFor(plain, { listingId })).toBe(`${listingId}.input_tokens`);
  expect(await ruleFor(plain, {})).toBe('input');
  expect(await ruleFor(own, { listingId })).toBe('ours');
});
