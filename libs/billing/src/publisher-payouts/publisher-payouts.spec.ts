import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { accruePublisherShare, reverse, shareKey } from '#libs/ledger';
import { type TestOrganization, testOrganization } from '#test/harness';
import { PartnershipFixture } from '../invoices/partnership.fixture.js';
import { insertPayout, listPayouts } from './publisher-payout.repository.js';
import { PublisherPayoutService } from './publisher-payout.service.js';

const START = '2024-01-10T12:00:00.000Z';
let fixture: PartnershipFixture;
let payouts: PublisherPayoutService;

beforeAll(async () => {
  fixture = await PartnershipFixture.start(START);
  payouts = new PublisherPayoutService(fixture.ledger, fixture.reports, fixture.clock);
});
afterAll(() => fixture?.stop());

interface Publisher extends TestOrganization {
  /** Of what it earned. */
  key: { listingId: string; invoiceId: string; revision: number };
}

/** A partner whose listings earned so much. */
async function publisherOf(shareMinor: bigint): Promise<Publisher> {
  const publisher = await testOrganization(fixture.testing);
  const key = { listingId: `lst_${publisher.organizationId}`, invoiceId: 'inv_1', revision: 1 };
  const at = fixture.clock.now();
  const share = { ...key, currency: 'USD', from: at, to: at, accruedAt: at, shareMinor } as const;
  await fixture.asSystem(publisher, (tx) => fixture.ledger.post(tx, accruePublisherShare(share)));
  return { ...publisher, key };
}

const sent = ({ organizationId }: Publisher, amountMinor: bigint, reference: string) =>
  ({ organizationId, currency: 'USD', amountMinor, reference, paidAt: fixture.clock.now() }) as const;
const record = (publisher: Publisher, amountMinor: bigint, reference: string) =>
  fixture.asLab((tx) => payouts.record(tx, sent(publisher, amountMinor, reference)));
const post = (publisher: Publisher, id: string) => fixture.asSystem(publisher, (tx) => payouts.post(tx, id));
/** As the lab sees it, and the publisher does. */
const balanceOf = async (publisher: Publisher) => {
  const all = await fixture.asLab((tx) => payouts.balances(tx));
  const own = await fixture.asSystem(publisher, (tx) => payouts.balances(tx));
  expect(all.filter(({ organizationId }) => organizationId === publisher.organizationId)).toEqual(own);
  expect(own.length).toBeLessThanOrEqual(1);
  return own[0];
};
const payableTo = async (publisher: Publisher) => (await balanceOf(publisher))?.payableMinor;
const takeBack = (publisher: Publisher) =>
  fixture.asSystem(publisher, async (tx) => {
    const transaction = (await fixture.ledger.findBySourceKey(tx, shareKey(publisher.key)))!;
    await fixture.ledger.post(tx, reverse({ transaction, reversedAt: fixture.clock.now(), reason: 'Credited' }));
  });
const onBooks = (publisher: Publisher, account: 'publisher_payable' | 'cash_clearing') => {
  const { organizationId } = publisher;
  return fixture.asSystem(publisher, (tx) => fixture.reports.balance(tx, { organizationId, account, currency: 'USD' }));
};

it('is less to be paid as soon as it is entered, and in the publisher’s books once, however often the message comes', async () => {
  const publisher = await publisherOf(212n);
  expect(await payableTo(publisher)).toBe(212n);
  const id = await record(publisher, 200n, 'SEPA 1');
  expect(await payableTo(publisher)).toBe(12n);
  expect(await onBooks(publisher, 'publisher_payable')).toBe(212n);
  await Promise.all([post(publisher, id), post(publisher, id)]);
  await post(publisher, id);
  expect(await payableTo(publisher)).toBe(12n);
  expect(await onBooks(publisher, 'publisher_payable')).toBe(12n);
  const shown = await fixture.asSystem(publisher, (tx) => listPayouts(tx, {}, { first: 10 }));
  const [recordedBy, postedAt] = [fixture.lab.scope.actor.id, fixture.clock.now()];
  expect(shown.nodes).toMatchObject([{ id, amountMinor: 200n, payableMinor: 212n, recordedBy, postedAt }]);
});

it('is told of with what was earned, once all is paid too, and not where nothing was earned', async () => {
  const publisher = await publisherOf(212n);
  expect(await balanceOf(publisher)).toMatchObject({ earnedMinor: 212n, paidOutMinor: 0n });
  await post(publisher, await record(publisher, 200n, 'SEPA 5'));
  const id = await record(publisher, 12n, 'SEPA 6');
  const all = { currency: 'USD', earnedMinor: 212n, paidOutMinor: 212n, payableMinor: 0n };
  expect(await balanceOf(publisher)).toMatchObject(all);
  await post(publisher, id);
  expect(await balanceOf(publisher)).toMatchObject(all);
  const other = await publisherOf(100n);
  await takeBack(other);
  expect(await balanceOf(other)).toBeUndefined();
});

it('is the same one by its reference, and another amount under that is refused', async () => {
  const publisher = await publisherOf(100n);
  const id = await record(publisher, 60n, 'SEPA 2');
  expect(await record(publisher, 60n, 'SEPA 2')).toBe(id);
  expect(await payableTo(publisher)).toBe(40n);
  await expect(record(publisher, 40n, 'SEPA 2')).rejects.toMatchObject({ code: 'PAYOUT_DIFFERS' });
  const other = await publisherOf(100n);
  expect(await record(other, 60n, 'SEPA 2')).not.toBe(id);
});

it('is never more than was earned, two at once too', async () => {
  const publisher = await publisherOf(100n);
  const answers = await Promise.allSettled(['A', 'B', 'C'].map((reference) => record(publisher, 60n, reference)));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const refused = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason);
  expect(refused).toEqual([
    expect.objectContaining({ code: 'PAYOUT_EXCEEDS' }),
    expect.objectContaining({ code: 'PAYOUT_EXCEEDS' }),
  ]);
  expect(refused[0].message).toContain('60 is more than 40 minor units of USD');
  expect(await payableTo(publisher)).toBe(40n);
  await expect(record(publisher, 0n, 'D')).rejects.toMatchObject({ code: 'PAYOUT_EMPTY' });
  const later = { ...sent(publisher, 1n, 'E'), paidAt: new Date(fixture.clock.now().getTime() + 1) };
  await expect(fixture.asLab((tx) => payouts.record(tx, later))).rejects.toMatchObject({ code: 'PAYOUT_IN_FUTURE' });
});

it('stays paid when less was earned afterwards, and then comes off what is earned next', async () => {
  const publisher = await publisherOf(100n);
  const id = await record(publisher, 100n, 'SEPA 3');
  await takeBack(publisher);
  await post(publisher, id);
  expect(await balanceOf(publisher)).toMatchObject({ earnedMinor: 0n, paidOutMinor: 100n, payableMinor: -100n });
  await expect(record(publisher, 1n, 'SEPA 4')).rejects.toMatchObject({ code: 'PAYOUT_EXCEEDS' });
});

it('is kept by the database: entered by the lab alone, within what is payable, and never changed', async () => {
  const publisher = await publisherOf(100n);
  const at = fixture.clock.now();
  const insert = (amountMinor: bigint) => (tx: Parameters<typeof insertPayout>[0]) =>
    insertPayout(tx, sent(publisher, amountMinor, `By hand ${amountMinor}`), { payableMinor: 1_000n, at });
  await expect(fixture.asLab(insert(101n))).rejects.toThrow('and 100 is payable');
  await expect(fixture.asSystem(publisher, insert(1n))).rejects.toThrow('row-level security');
  const id = await fixture.asLab(insert(100n));
  const change = (tx: Parameters<typeof insertPayout>[0]) =>
    tx.query('UPDATE publisher_payouts SET amount_minor = 1 WHERE id = $1 AND lab_organization_id = :organization', [
      id,
    ]);
  await expect(fixture.asLab(change)).rejects.toThrow('permission denied');
});
