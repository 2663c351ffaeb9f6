import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccountName } from '#libs/ledger';
import type { Message } from '#platform/outbox';
import type { Failure } from '../../../../test/fakes/stripe/index.js';
import { billingScope } from '../billing-scope.js';
import { creditNotesOf } from '../credit-notes/credit-note.repository.js';
import { CreditNoteService } from '../credit-notes/credit-note.service.js';
import { PaymentReconciler } from '../jobs/payment-reconciler.js';
import { RefundHandler } from '../jobs/refund.handler.js';
import { CollectionFixture, NOW, type Partner } from '../payments/collection.fixture.js';
import { PaymentDrifts } from '../payments/payment-drift.js';
import { partsOf } from './refund.js';
import { insertRefund, refundsOf } from './refund.repository.js';
import { RefundService } from './refund.service.js';

/** What is left unanswered is given up soon. */
const TIMEOUT_MILLISECONDS = 2_000;

let collection: CollectionFixture;
let refunds: RefundService;
let handler: RefundHandler;

beforeAll(async () => {
  collection = await CollectionFixture.start({ timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  refunds = collection.app.get(RefundService);
  handler = collection.app.get(RefundHandler);
});
afterAll(() => collection?.stop());
afterEach(() => {
  collection.fake.account.refundsBegin = 'succeeded';
});

interface Paid {
  partner: Partner;
  invoiceId: string;
  providerInvoiceId: string;
}

/** An invoice of 3285 that was paid in these parts, each later than the one before. */
async function paid(parts: readonly number[] = [3_285]): Promise<Paid> {
  const { fake } = collection;
  const { partner, invoiceId, providerInvoiceId } = await collection.issued();
  const after = fake.account.events.length;
  for (const amount of parts) fake.account.pay(providerInvoiceId, { amount });
  const payments = [...fake.account.invoicePayments.values()].filter(({ invoice }) => invoice === providerInvoiceId);
  for (const [place, { status_transitions }] of payments.entries()) status_transitions.paid_at! += place;
  await collection.told(after);
  return { partner, invoiceId, providerInvoiceId };
}

const asLab: CollectionFixture['partnerships']['asLab'] = (work) => collection.partnerships.asLab(work);

/** A credit note of the invoice, in the books unless said. */
async function credited({ partner, invoiceId }: Paid, amountMinor: bigint, part: { refundsPaid?: boolean } = {}) {
  const { partnerships, app } = collection;
  const lines = [{ lineId: `${invoiceId}.1`, amountMinor }];
  const terms = { invoiceId, reason: 'Counted twice', lines, disputeIds: [], refundsPaid: false, ...part };
  const id = await asLab((tx) => app.get(CreditNoteService).issue(tx, terms));
  const { organizationId } = partner;
  await partnerships.run.credited({ payload: { organizationId, invoiceId } } as Message<'billing.credit_note_issued'>);
  return id;
}

const request = (creditNoteId: string, amountMinor: bigint | null = null) =>
  asLab((tx) => refunds.request(tx, { creditNoteId, amountMinor, reason: 'Asked for' }));

async function messages<Type extends 'billing.refund_requested' | 'billing.refund_failed'>(
  type: Type,
  { organizationId }: Partner,
): Promise<Array<Message<Type>>> {
  return collection.database.as('relay', (tx) =>
    tx.query<Message<Type>>(
      `SELECT payload FROM outbox WHERE type = $1 AND payload ->> 'organizationId' = $2 ORDER BY id`,
      [type, organizationId],
    ),
  );
}

/** As the worker does: a message comes again until it is done, and once more. */
async function sent(partner: Partner): Promise<void> {
  for (const message of await messages('billing.refund_requested', partner)) {
    for (let failures = 0; failures < 5; failures++) {
      const failed = await handler.requested(message).then(
        () => false,
        () => true,
      );
      if (!failed) break;
    }
    await handler.requested(message);
  }
}

const of = async (creditNoteId: string) =>
  (await asLab((tx) => refundsOf(tx, [creditNoteId]))).map(({ state, amountMinor }) => [state, amountMinor]);
const onlyRefundOf = async (creditNoteId: string) => (await asLab((tx) => refundsOf(tx, [creditNoteId])))[0]!;
const balances = (partner: Partner, accounts: readonly AccountName[] = ['unapplied_payments', 'cash_clearing']) =>
  Promise.all(accounts.map((account) => collection.balance(partner, account)));
/** At the provider, in the order in which they were made. */
const there = ({ providerInvoiceId }: Paid) => {
  const { invoicePayments, refunds: made } = collection.fake.account;
  const intents = [...invoicePayments.values()]
    .filter(({ invoice }) => invoice === providerInvoiceId)
    .map(({ payment }) => payment.payment_intent);
  return [...made.values()].filter(({ payment_intent }) => intents.includes(payment_intent));
};

describe('what a credit note leaves owed', () => {
  test('goes back to the payments it came from, the newest first, and the books sum to zero', async () => {
    const invoice = await paid([2_000, 1_000, 285]);
    const note = await credited(invoice, 1_300n);
    expect(await balances(invoice.partner)).toEqual([1_300n, 3_285n]);
    await request(note);
    expect(await of(note)).toEqual([
      ['requested', 285n],
      ['requested', 1_000n],
      ['requested', 15n],
    ]);
    await sent(invoice.partner);
    expect(there(invoice).map(({ amount }) => amount)).toEqual([285, 1_000, 15]);
    expect((await of(note)).map(([state]) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(await balances(invoice.partner)).toEqual([0n, 1_985n]);
    const [books] = await asLab((tx) => collection.partnerships.reports.trialBalanceOf(tx, invoice.partner));
    expect(books!.debitsMinor - books!.creditsMinor).toBe(0n);
    expect((await collection.partnerships.issued(invoice.partner))[0]).toMatchObject({ state: 'paid', openMinor: 0n });
  });

  test('goes back at once where that was asked for with the note, and only what was paid of it', async () => {
    const invoice = await paid([2_000]);
    // 1285 are open: the note takes that, and 215 of what was paid.
    const note = await credited(invoice, 1_500n, { refundsPaid: true });
    expect(await of(note)).toEqual([['requested', 215n]]);
    await sent(invoice.partner);
    expect([await of(note), await balances(invoice.partner)]).toEqual([[['succeeded', 215n]], [0n, 1_785n]]);
    await expect(request(note)).rejects.toMatchObject({ code: 'REFUND_NOTHING_OWED', path: ['creditNoteId'] });
  });

  test('is no more than that: in parts, beyond it, and two at once', async () => {
    const invoice = await paid();
    const note = await credited(invoice, 500n);
    await request(note, 100n);
    await expect(request(note, 401n)).rejects.toMatchObject({ code: 'REFUND_EXCEEDS', path: ['amountMinor'] });
    await expect(request(note, 0n)).rejects.toMatchObject({ code: 'REFUND_EMPTY' });
    const results = await Promise.allSettled([request(note, 400n), request(note, 400n)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await sent(invoice.partner);
    expect(there(invoice).map(({ amount }) => amount)).toEqual([100, 400]);
    expect(await balances(invoice.partner)).toEqual([0n, 2_785n]);
  });

  test('is bounded by the database, whoever writes there', async () => {
    const invoice = await paid();
    const { partner, invoiceId } = invoice;
    const { organizationId } = partner;
    const note = await credited(invoice, 500n);
    await request(note, 200n);
    const { paymentId } = await onlyRefundOf(note);
    const labOrganizationId = collection.partnerships.lab.organizationId;
    const about = { creditNoteId: note, invoiceId, organizationId, labOrganizationId, paymentId };
    const write = (id: string, amountMinor: bigint) => {
      const refund = { id, ...about, currency: 'USD' as const, amountMinor, reason: 'r', requestedBy: 'u' };
      return asLab((tx) => insertRefund(tx, { ...refund, requestedAt: NOW }));
    };
    await expect(write('rfnd_more', 301n)).rejects.toThrow('more than is owed');
    const both = await Promise.allSettled([write('rfnd_one', 300n), write('rfnd_two', 300n)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const change = (sql: string) => collection.partnerships.asSystem(partner, (tx) => tx.query(sql, [note]));
    await expect(change('UPDATE refunds SET amount_minor = 1 WHERE credit_note_id = $1')).rejects.toThrow('denied');
  });

  test('is asked for by the lab alone, and seen by both sides and nobody else', async () => {
    const invoice = await paid();
    const note = await credited(invoice, 500n);
    const { database } = collection;
    const terms = { creditNoteId: note, amountMinor: null, reason: 'Mine' };
    const own = database.transaction(invoice.partner.scope, (tx) => refunds.request(tx, terms));
    await expect(own).rejects.toThrow('row-level security');
    const [stranger] = await collection.invoiced();
    const other = database.transaction(stranger.scope, (tx) => refunds.request(tx, terms));
    await expect(other).rejects.toMatchObject({ code: 'CREDIT_NOTE_NOT_FOUND' });
    await request(note);
    const seenBy = (partner: Partner) => database.read(partner.scope, (tx) => refundsOf(tx, [note]));
    expect([(await seenBy(invoice.partner)).length, (await seenBy(stranger)).length]).toEqual([1, 0]);
  });

  test('waits for the books, and is nothing where nothing was paid', async () => {
    const { partner, invoiceId, providerInvoiceId } = await collection.issued();
    const unpaid = { partner, invoiceId, providerInvoiceId };
    const withNote = credited(unpaid, 100n, { refundsPaid: true });
    await expect(withNote).rejects.toMatchObject({ code: 'REFUND_NOTHING_OWED', path: ['refund'] });
    const note = await credited(unpaid, 100n);
    await expect(request(note)).rejects.toMatchObject({ code: 'REFUND_NOTHING_OWED' });
    const terms = { invoiceId, reason: 'r', lines: [{ lineId: `${invoiceId}.1`, amountMinor: 1n }], disputeIds: [] };
    const notes = collection.app.get(CreditNoteService);
    const early = await asLab((tx) => notes.issue(tx, { ...terms, refundsPaid: false }));
    await expect(request(early)).rejects.toMatchObject({ code: 'REFUND_TOO_EARLY' });
  });

  test('that was paid by bank transfer to the lab is told to go back that way', async () => {
    const { partnerships } = collection;
    const [partner, invoice] = await collection.invoiced();
    const invoiceId = invoice!.id;
    const transfer = { invoiceId, reference: 'E2E 1', amountMinor: 3_285n, receivedAt: NOW };
    await asLab((tx) => partnerships.transfers.record(tx, transfer));
    const [recorded] = await asLab((tx) => partnerships.transfers.of(tx, [invoiceId]));
    await partnerships.asSystem(partner, (tx) => partnerships.transfers.post(tx, recorded!.id));
    const past = { partner, invoiceId, providerInvoiceId: '' };
    const refused = { code: 'REFUND_PAST_PROVIDER', message: expect.stringContaining('bank account') };
    await expect(credited(past, 100n, { refundsPaid: true })).rejects.toMatchObject(refused);
    const note = await credited(past, 100n);
    await expect(request(note)).rejects.toMatchObject(refused);
    expect(await balances(partner, ['unapplied_payments'])).toEqual([100n]);
  });
});

describe('at the provider', () => {
  const FAILURES: Failure[] = ['rate_limited', 'error_after_commit', 'silence_after_commit'];

  test.each(FAILURES)('%s: it is made once, and booked once', async (failure) => {
    const invoice = await paid();
    const note = await credited(invoice, 500n);
    await request(note);
    collection.fake.fail(failure, { path: 'POST /v1/refunds' });
    await sent(invoice.partner);
    expect(there(invoice).map(({ amount }) => amount)).toEqual([500]);
    expect([await of(note), await balances(invoice.partner)]).toEqual([[['succeeded', 500n]], [0n, 2_785n]]);
  });

  test('one that dies before it hears of it finds it again, also when no key is remembered', async () => {
    const invoice = await paid();
    const note = await credited(invoice, 500n);
    await request(note);
    const [message] = await messages('billing.refund_requested', invoice.partner);
    collection.fake.fail('silence_after_commit', { path: 'POST /v1/refunds' });
    await expect(handler.requested(message!)).rejects.toThrow();
    // In the books already: what is on its way is nobody's to use.
    expect([await of(note), await balances(invoice.partner)]).toEqual([[['pending', 500n]], [0n, 2_785n]]);
    collection.fake.keys.forget();
    await Promise.all([handler.requested(message!), handler.requested(message!)]);
    expect(there(invoice)).toHaveLength(1);
    expect(await of(note)).toEqual([['succeeded', 500n]]);
  });

  test('succeeds by a webhook, and fails by a later one: repeated, shuffled, it comes to the same', async () => {
    const { fake } = collection;
    fake.account.refundsBegin = 'pending';
    const invoice = await paid();
    const note = await credited(invoice, 500n);
    await request(note);
    const after = fake.account.events.length;
    await sent(invoice.partner);
    await collection.told(after, 2);
    expect(await of(note)).toEqual([['pending', 500n]]);
    const [refund] = there(invoice);
    fake.account.settleRefund(refund!.id, 'succeeded');
    await collection.told(after, 2);
    expect([await of(note), await balances(invoice.partner)]).toEqual([[['succeeded', 500n]], [0n, 2_785n]]);

    fake.account.settleRefund(refund!.id, 'failed');
    const received = collection.verified(fake.webhooks({ after }));
    expect(received.map(({ type }) => type)).toEqual(expect.arrayContaining(['refund.created', 'refund.failed']));
    for (const [time, shuffled] of [received.toReversed(), received, received.toReversed()].entries()) {
      await collection.events.store(shuffled.map((event) => ({ ...event, id: `${event.id}_${time}` })));
      await collection.handler.processOpen();
    }
    expect([await of(note), await balances(invoice.partner)]).toEqual([[['failed', 500n]], [500n, 3_285n]]);
    expect(await messages('billing.refund_failed', invoice.partner)).toHaveLength(1);
  });

  test('one that failed is owed as before, the lab is told once, and it can be refunded again', async () => {
    const { fake } = collection;
    const invoice = await paid();
    const note = await credited(invoice, 500n);
    await request(note);
    const after = fake.account.events.length;
    await sent(invoice.partner);
    fake.account.settleRefund(there(invoice)[0]!.id, 'canceled');
    await collection.told(after);
    const [message] = await messages('billing.refund_failed', invoice.partner);
    for (let times = 0; times < 2; times++) await handler.failed(message!);
    const { organizationId } = collection.partnerships.lab;
    const mails = await collection.database.read(billingScope(organizationId), (tx) =>
      tx.query<{ permission: string; text: string }>(
        'SELECT permission, text FROM mail_outbox WHERE organization_id = :organization AND key = $1',
        [`refund_failed:${message!.payload.refundId}`],
      ),
    );
    expect(mails).toEqual([{ permission: 'credits:write', text: expect.stringContaining('5.00 USD') }]);
    await request(note);
    await sent(invoice.partner);
    expect([await of(note), await balances(invoice.partner)]).toEqual([
      [
        ['failed', 500n],
        ['succeeded', 500n],
      ],
      [0n, 2_785n],
    ]);
  });

  test('what the provider refuses for good is owed as before, with the reason', async () => {
    const invoice = await paid();
    const note = await credited(invoice, 500n);
    await request(note);
    // The bank has not decided yet, so that the payment stands in our books.
    collection.fake.account.dispute(invoice.providerInvoiceId);
    await sent(invoice.partner);
    expect([there(invoice), await balances(invoice.partner)]).toEqual([[], [500n, 3_285n]]);
    expect(await onlyRefundOf(note)).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('charged back'),
    });
  });

  test('what went back by a dispute is not refunded as well, whether that is known before or after it is asked for', async () => {
    const { fake } = collection;
    const invoice = await paid();
    const note = await credited(invoice, 500n);
    await request(note, 200n);
    const after = fake.account.events.length;
    fake.account.closeDispute(fake.account.dispute(invoice.providerInvoiceId).id, 'lost');
    await collection.told(after);
    await expect(request(note)).rejects.toMatchObject({ code: 'REFUND_PAST_PROVIDER' });
    await sent(invoice.partner);
    expect([await of(note), there(invoice)]).toEqual([[['failed', 200n]], []]);
  });
});

test('the reconciler tells of refunds that differ, and takes over what webhooks did not bring', async () => {
  const { fake, app } = collection;
  const invoice = await paid();
  const { partner, invoiceId, providerInvoiceId } = invoice;
  const { organizationId } = partner;
  const drifts = async () =>
    (await app.get(PaymentDrifts).find(new Date(NOW.getTime() - 60_000))).filter(
      (drift) => 'organizationId' in drift && drift.organizationId === organizationId,
    );
  fake.account.refundsBegin = 'pending';
  const note = await credited(invoice, 500n);
  await request(note, 300n);
  await sent(partner);
  expect(await drifts()).toEqual([]);
  const [refund] = there(invoice);
  const { id: refundId } = await onlyRefundOf(note);
  const about = { refundId, invoiceId, providerInvoiceId, organizationId };

  fake.account.settleRefund(refund!.id, 'succeeded');
  expect(await drifts()).toEqual([{ kind: 'refund_state_differs', ...about, ours: 'pending', theirs: 'succeeded' }]);
  await app.get(PaymentReconciler).reconcile();
  expect([await drifts(), await of(note)]).toEqual([[], [['succeeded', 300n]]]);

  refund!.amount = 299;
  const amounts = { oursMinor: 300n, theirsMinor: 299n };
  expect(await drifts()).toEqual([{ kind: 'refund_amount_differs', ...about, ...amounts }]);
  fake.account.refunds.delete(refund!.id);
  expect(await drifts()).toEqual([{ kind: 'refund_missing_there', ...about }]);

  fake.account.refunds.set(refund!.id, Object.assign(refund!, { amount: 300 }));
  const byHand = fake.account.createRefund({ payment_intent: refund!.payment_intent, amount: '7' });
  const { refundId: _ours, ...elsewhere } = about;
  expect(await drifts()).toEqual([
    { kind: 'refund_missing_here', providerRefundId: byHand.id, ...elsewhere, theirsMinor: 7n },
  ]);
});

test('a note that both sides see says nothing of refunds in its document', async () => {
  const invoice = await paid();
  const id = await credited(invoice, 100n, { refundsPaid: true });
  const [note] = await asLab((tx) => creditNotesOf(tx, invoice.invoiceId));
  expect([note!.id, Object.keys(JSON.parse(note!.document))]).toEqual([
    id,
    ['currency', 'invoice', 'issuedAt', 'lines', 'number', 'reason', 'totalMinor'],
  ]);
});

test('parts are taken in order, until the sum is reached or nothing is left', () => {
  const payments = [
    { paymentId: 'a', leftMinor: 5n },
    { paymentId: 'b', leftMinor: 0n },
    { paymentId: 'c', leftMinor: 7n },
  ];
  const taken = (amountMinor: bigint) =>
    partsOf(amountMinor, payments).map((part) => [part.paymentId, part.amountMinor]);
  expect([taken(5n), taken(6n), taken(99n)]).toEqual([
    [['a', 5n]],
    [
      ['a', 5n],
      ['c', 1n],
    ],
    [
      ['a', 5n],
      ['c', 7n],
    ],
  ]);
});
