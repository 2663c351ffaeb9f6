import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { shareKey } from '#libs/ledger';
import { type TestOrganization, testCheckpoint, testListing, testOrganization } from '#test/harness';
import { CreditNoteService } from '../credit-notes/credit-note.service.js';
import type { IssuedInvoice } from '../invoices/invoice.js';
import { linesOf } from '../invoices/invoice-postings.js';
import { type Partnership, PartnershipFixture, termsOf } from '../invoices/partnership.fixture.js';
import { PublisherShareService } from './publisher-share.service.js';

const START = '2024-01-10T12:00:00.000Z';
let fixture: PartnershipFixture;
let publisher: TestOrganization;
let listing: Awaited<ReturnType<typeof testListing>>;
let shares: PublisherShareService;

beforeAll(async () => {
  fixture = await PartnershipFixture.start(START);
  const { testing, lab, database, ledger, clock } = fixture;
  publisher = await testOrganization(testing);
  const base = await testCheckpoint(testing, lab, { grantee: publisher });
  // Three cents for a token, of which 70.01% are the publisher's.
  const price = { priceNanos: 30_000_000n, publisherShareBasisPoints: 7_001 };
  listing = await testListing(testing, { lab, publisher, base, ...price });
  shares = new PublisherShareService(database, ledger, clock);
});
afterAll(() => fixture?.stop());

/** A final invoice of 100 tokens of its own base, for 100, and 101 of the listing, for 303; its line of the listing. */
async function invoiced(): Promise<{ partner: Partnership; invoice: IssuedInvoice; lineId: string }> {
  fixture.clock.set(new Date(START));
  const partner = await fixture.agree('2024-08-16T00:00:00.000Z', { terms: termsOf() });
  await fixture.use(partner, { at: '2024-01-20T08:00:00.000Z', input: 100 });
  await fixture.use(partner, { at: '2024-01-20T09:00:00.000Z', input: 101, listingId: listing.id });
  await fixture.at('2024-02-01T00:00:00.000Z');
  await fixture.at('2024-02-04T00:00:00.001Z');
  const invoice = (await fixture.issued(partner))[0]!;
  const lines = linesOf(invoice.id, JSON.parse(invoice.document!));
  return { partner, invoice, lineId: lines.find(({ amountMinor }) => amountMinor === 303n)!.id };
}

const settle = ({ organizationId, id: invoiceId }: IssuedInvoice) => shares.settle({ organizationId, invoiceId });
const payable = () =>
  fixture.asSystem(publisher, (tx) =>
    fixture.reports.balance(tx, {
      organizationId: publisher.organizationId,
      account: 'publisher_payable',
      currency: 'USD',
    }),
  );
async function earned(work: () => Promise<unknown>): Promise<bigint> {
  const before = await payable();
  await work();
  return (await payable()) - before;
}

it('is earned in the publisher’s books when an invoice charges the use, once, and no more of it than stands', async () => {
  const { invoice, lineId } = await invoiced();
  // 303 × 0.7001 is 212.1303.
  expect(await earned(() => settle(invoice))).toBe(212n);
  expect(await earned(() => Promise.all([settle(invoice), settle(invoice)]))).toBe(0n);
  const notes = new CreditNoteService(fixture.reports, fixture.clock);
  const credit = (amountMinor: bigint) =>
    fixture.asLab((tx) =>
      notes.issue(tx, {
        ...{ invoiceId: invoice.id, reason: 'Counted twice', disputeIds: [], refundsPaid: false },
        lines: [{ lineId, amountMinor }],
      }),
    );
  await credit(3n);
  // 300 × 0.7001 is 210.03.
  expect(await earned(() => Promise.all([settle(invoice), settle(invoice)]))).toBe(-2n);
  await credit(300n);
  expect(await earned(() => settle(invoice))).toBe(-210n);
  expect(await earned(() => settle(invoice))).toBe(0n);
});

it('is nothing of an invoice that was voided, whichever is known first', async () => {
  for (const isSettledFirst of [true, false]) {
    const { invoice } = await invoiced();
    if (isSettledFirst) expect(await earned(() => settle(invoice))).toBe(212n);
    await fixture.asLab((tx) => fixture.invoices.void(tx, { invoiceId: invoice.id, reason: 'A mistake' }));
    expect(await earned(() => settle(invoice))).toBe(isSettledFirst ? -212n : 0n);
  }
});

it('leads the lab to the invoice, and is not in the books of who pays', async () => {
  const { partner, invoice } = await invoiced();
  await settle(invoice);
  const sourceKey = shareKey({ listingId: listing.id, invoiceId: invoice.id, revision: 1 });
  const postedFor = (whom: TestOrganization) =>
    fixture.asSystem(whom, (tx) => fixture.ledger.findBySourceKey(tx, sourceKey));
  expect(await postedFor(publisher)).toMatchObject({
    effectiveAt: invoice.finalizesAt,
    links: [
      { type: 'listing', id: listing.id },
      { type: 'listing_invoice', id: invoice.id },
    ],
  });
  expect(await postedFor(partner)).toBeNull();
});
