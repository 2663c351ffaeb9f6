import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import fc from 'fast-check';
import type { AccountName } from '#libs/ledger';
import type { Database } from '#platform/database';
import { type Message, Outbox } from '#platform/outbox';
import { QueueModule } from '#platform/queue';
import { createLogger } from '#platform/telemetry';
import { type TestOrganization, testValkey } from '#test/harness';
import type { FakeStripe } from '../../../../test/fakes/stripe/index.js';
import { billingScope } from '../billing-scope.js';
import { CreditNoteService } from '../credit-notes/credit-note.service.js';
import { type Partnership, type PartnershipFixture, termsOf } from '../invoices/partnership.fixture.js';
import { InvoiceCollection } from '../jobs/invoice-collection.js';
import type { PaymentEventHandler } from '../jobs/payment-event.handler.js';
import { PaymentReconciler } from '../jobs/payment-reconciler.js';
import { CollectionFixture, NOW, type Partner, START, startWorker } from './collection.fixture.js';
import { payable } from './payable.fixture.js';
import { PaymentDrifts } from './payment-drift.js';
import type { PaymentEvents } from './payment-events.js';
import type { PayableInvoice, PaymentProvider, ProviderEvent } from './payment-provider.js';
import { merged, type PaymentState } from './payment-state.js';
import { paymentPagesOf } from './payments.repository.js';
import type { Payments } from './payments.service.js';

let collection: CollectionFixture;
let fixture: PartnershipFixture;
let fake: FakeStripe;
let app: INestApplicationContext;
let database: Database;
let provider: PaymentProvider;
let payments: Payments;
let events: PaymentEvents;
let handler: PaymentEventHandler;
let drifts: PaymentDrifts;

beforeAll(async () => {
  collection = await CollectionFixture.start();
  ({ partnerships: fixture, fake, app, database, provider, payments, events, handler } = collection);
  drifts = app.get(PaymentDrifts);
});
afterAll(() => collection?.stop());

const invoiced = (amounts?: readonly bigint[]) => collection.invoiced(amounts);
const issued = () => collection.issued();
const balance = (partner: TestOrganization, account: AccountName) => collection.balance(partner, account);
const told = (after: number, times?: number) => collection.told(after, times);
const verified = (webhooks: ReturnType<FakeStripe['webhooks']>) => collection.verified(webhooks);

async function transactionsOf({ organizationId }: TestOrganization): Promise<number> {
  const row = await database.read(billingScope(organizationId), (tx) =>
    tx.one<{ count: number }>(
      'SELECT count(*)::int AS count FROM ledger_transactions WHERE organization_id = :organization',
    ),
  );
  return row!.count;
}

/** What of an organization's invoices is in the outbox goes to its handler, however often it did. */
async function handOver({ organizationId }: TestOrganization): Promise<void> {
  const messages = await database.as('relay', (tx) =>
    tx.query<Message<'billing.invoice_finalized'>>(
      `SELECT payload, organization_id AS "organizationId" FROM outbox
       WHERE type = 'billing.invoice_finalized' AND organization_id = $1 ORDER BY id`,
      [organizationId],
    ),
  );
  for (const message of messages) await app.get(InvoiceCollection).finalized(message);
}

/** The provider's invoices of an organization, in the order in which they were made. */
const atProvider = ({ organizationId }: TestOrganization) =>
  [...fake.account.invoices.values()].filter(({ metadata }) => metadata?.forkpoint_organization === organizationId);

describe('from usage to money', () => {
  /** Two months of usage, some of it late, under credit, a commitment, an overage and a tax. */
  async function used(): Promise<Partnership> {
    fixture.clock.set(START);
    const [from, to] = ['2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'];
    const commitment = { id: 'february', kind: 'prepaid', amountMinor: '5000', from, to, overageBasisPoints: 11_000 };
    const terms = termsOf({ commitments: [commitment], taxBasisPoints: 1_900 });
    const partner = await fixture.agree(to, { terms });
    await fixture.grant(partner, { amountMinor: 300n });
    await fixture.use(partner, { at: '2024-01-20T00:00:00.000Z', input: 2_000 });
    await fixture.use(partner, { at: '2024-01-21T00:00:00.000Z', finalAt: '2024-02-20T00:00:00.000Z', input: 20 });
    await fixture.use(partner, { at: '2024-02-10T00:00:00.000Z', input: 6_000 });
    await fixture.at('2024-03-10T00:00:00.000Z');
    fixture.clock.set(NOW);
    return partner;
  }

  async function stateOf(partner: Partnership) {
    const accounts = ['accounts_receivable', 'cash_clearing', 'unapplied_payments'] as const;
    return {
      invoices: (await fixture.issued(partner)).map(({ state, openMinor }) => [state, openMinor]),
      balances: await Promise.all(accounts.map((account) => balance(partner, account))),
      transactions: await transactionsOf(partner),
      there: atProvider(partner).map(({ status, amount_paid }) => [status, amount_paid]),
    };
  }

  test('what was used is invoiced, asked for, paid and booked, each once', async () => {
    const partner = await used();
    await handOver(partner);
    const there = atProvider(partner);
    expect(there.map(({ lines }) => lines.data.map(({ amount }) => amount))).toEqual([
      [2_000, -300, 323],
      [6_000, 20, 5_000, -5_000, 102, 1_163],
    ]);
    expect(there.map(({ custom_fields }) => custom_fields?.[0]?.value)).toEqual(['PO 7', 'PO 7']);
    const asked = await stateOf(partner);
    expect(asked).toMatchObject({
      invoices: [
        ['finalized', 2_023n],
        ['finalized', 7_285n],
      ],
      balances: [9_308n, 0n, 0n],
    });

    const [first, second] = there.map(({ id }) => id) as [string, string];
    let after = fake.account.events.length;
    expect(() => fake.account.pay(second, { decline: 'insufficient_funds' })).toThrow();
    await told(after);
    expect(await stateOf(partner)).toEqual(asked);

    after = fake.account.events.length;
    fake.account.pay(second, { amount: 7_000 });
    await told(after);
    expect((await stateOf(partner)).invoices[1]).toEqual(['finalized', 285n]);
    for (const id of [first, second]) fake.account.pay(id);
    await told(after);
    const paid = await stateOf(partner);
    expect(paid).toMatchObject({
      invoices: [
        ['paid', 0n],
        ['paid', 0n],
      ],
      balances: [0n, 9_308n, 0n],
    });
    const [books] = await fixture.asLab((tx) => fixture.reports.trialBalanceOf(tx, partner));
    expect(books!.debitsMinor - books!.creditsMinor).toBe(0n);

    await handOver(partner);
    await told(0, 2);
    expect(await stateOf(partner)).toEqual(paid);
  });

  test('what the lab takes back or gives up is asked for no more, whichever message comes first', async () => {
    const [partner, voided, early, lost] = await invoiced([100n, 200n, 300n]);
    const { organizationId } = partner;
    const close = (how: 'void' | 'markUncollectible', { id: invoiceId }: PayableInvoice) =>
      fixture.asLab((tx) => fixture.invoices[how](tx, { invoiceId, reason: 'A mistake' }));
    const closed = async ({ id: invoiceId }: PayableInvoice) => {
      const message = { payload: { organizationId, invoiceId } } as Message<'billing.invoice_closed'>;
      await fixture.run.closed(message);
      await app.get(InvoiceCollection).closed(message);
    };
    await close('void', early!);
    await closed(early!);
    await handOver(partner);
    expect(atProvider(partner).map(({ metadata }) => metadata?.forkpoint_invoice)).toEqual([voided!.id, lost!.id]);

    await close('void', voided!);
    await close('markUncollectible', lost!);
    for (const invoice of [voided!, lost!, voided!, lost!]) await closed(invoice);
    expect(atProvider(partner).map(({ status }) => status)).toEqual(['void', 'uncollectible']);
    expect([await balance(partner, 'accounts_receivable'), await balance(partner, 'bad_debt_expense')]).toEqual([
      0n,
      300n,
    ]);

    const after = fake.account.events.length;
    fake.account.pay(atProvider(partner)[1]!.id);
    await told(after);
    const states = (await fixture.issued(partner)).map(({ state }) => state);
    expect([states, await balance(partner, 'bad_debt_expense')]).toEqual([['void', 'void', 'paid'], 0n]);
  });

  test('what a credit note takes back is asked for no more, however often its message comes', async () => {
    const [partner, invoice] = await invoiced([1_000n]);
    const { organizationId } = partner;
    await handOver(partner);
    const invoiceId = invoice!.id;
    const lines = [{ lineId: `${invoiceId}.1`, amountMinor: 400n }];
    const terms = { invoiceId, reason: 'Counted twice', lines, disputeIds: [], refundsPaid: false };
    await fixture.asLab((tx) => new CreditNoteService(fixture.reports, fixture.clock).issue(tx, terms));
    const message = { payload: { organizationId, invoiceId } } as Message<'billing.credit_note_issued'>;
    for (const handler of [app.get(InvoiceCollection), fixture.run, app.get(InvoiceCollection)])
      await handler.credited(message);
    const [there] = atProvider(partner);
    expect([there!.amount_remaining, (await fixture.issued(partner))[0]!.openMinor]).toEqual([600, 600n]);

    const after = fake.account.events.length;
    fake.account.pay(there!.id);
    await told(after);
    expect((await stateOf(partner)).invoices).toEqual([['paid', 0n]]);
    expect(await balance(partner, 'unapplied_payments')).toBe(0n);
  });

  test('what is paid while the lab takes it back stays paid there, and is unapplied here', async () => {
    const { partner, invoiceId, providerInvoiceId } = await issued();
    const { organizationId } = partner;
    fake.account.pay(providerInvoiceId);
    await fixture.asLab((tx) => fixture.invoices.void(tx, { invoiceId, reason: 'A mistake' }));
    const message = { payload: { organizationId, invoiceId } } as Message<'billing.invoice_closed'>;
    await fixture.run.closed(message);
    await app.get(InvoiceCollection).closed(message);
    expect(atProvider(partner)[0]!.status).toBe('paid');
    expect([await balance(partner, 'accounts_receivable'), await balance(partner, 'unapplied_payments')]).toEqual([
      0n,
      3_285n,
    ]);
  });
});

describe('an invoice that is paid', () => {
  test('is paid in the books once, however often that is told and in whatever parts', async () => {
    const { partner, invoice, providerInvoiceId } = await issued();
    expect(await balance(partner, 'accounts_receivable')).toBe(3_285n);
    const after = fake.account.events.length;
    fake.account.pay(providerInvoiceId, { amount: 1_000 });
    await told(after, 3);
    expect(await balance(partner, 'accounts_receivable')).toBe(2_285n);
    fake.account.pay(providerInvoiceId);
    await told(after, 3);
    expect(await balance(partner, 'accounts_receivable')).toBe(0n);
    expect(await balance(partner, 'cash_clearing')).toBe(3_285n);
    expect(await payments.issue(invoice, partner)).toMatchObject({ status: 'paid', paidMinor: 3_285n });
  });

  test('and bounces is due again, once, however often that is told; a dispute that is won changes nothing', async () => {
    const { partner, providerInvoiceId } = await issued();
    const after = fake.account.events.length;
    fake.account.pay(providerInvoiceId);
    await told(after);
    const won = fake.account.dispute(providerInvoiceId);
    await told(after);
    fake.account.closeDispute(won.id, 'won');
    await told(after);
    expect((await fixture.issued(partner))[0]!.state).toBe('paid');

    fake.account.closeDispute(fake.account.dispute(providerInvoiceId).id, 'lost');
    await told(after, 3);
    expect((await fixture.issued(partner))[0]).toMatchObject({ state: 'finalized', openMinor: 3_285n });
    expect([await balance(partner, 'accounts_receivable'), await balance(partner, 'cash_clearing')]).toEqual([
      3_285n,
      0n,
    ]);
  });

  test('before we know that it was issued is paid in the books all the same', async () => {
    const [partner, invoice] = await invoiced();
    const after = fake.account.events.length;
    // The process dies after the provider took the invoice; the customer is quicker than the next try.
    const early = await provider.issueInvoice(invoice!, await provider.ensureCustomer(partner));
    fake.account.pay(early.id);
    await told(after);
    expect(await payments.issue(invoice!, partner)).toMatchObject({ providerInvoiceId: early.id, status: 'paid' });
    expect(await balance(partner, 'accounts_receivable')).toBe(0n);
  });

  test('is seen by its own organization alone', async () => {
    const { partner, invoice } = await issued();
    const stranger = fixture.lab;
    expect(await payments.hostedInvoiceUrl(billingScope(partner.organizationId), invoice.id)).toContain(fake.url);
    const asked = payments.hostedInvoiceUrl(billingScope(stranger.organizationId), invoice.id);
    await expect(asked).rejects.toMatchObject({ code: 'PAYMENT_INVOICE_UNKNOWN' });
    const pagesSeenBy = ({ organizationId }: { organizationId: string }) =>
      database.read(billingScope(organizationId), (tx) => paymentPagesOf(tx, [invoice.id]));
    expect([...(await pagesSeenBy(partner)).keys()]).toEqual([invoice.id]);
    expect(await pagesSeenBy(stranger)).toEqual(new Map());
  });
});

describe('regressions', () => {
  test('failed payment leaves the balance', async () => {
    const { partner, invoice, providerInvoiceId } = await issued();
    const transactions = await transactionsOf(partner);
    const after = fake.account.events.length;
    expect(() => fake.account.pay(providerInvoiceId, { decline: 'insufficient_funds' })).toThrow();
    await told(after);
    expect(await transactionsOf(partner)).toBe(transactions);
    expect(await balance(partner, 'accounts_receivable')).toBe(3_285n);
    expect(await payments.issue(invoice, partner)).toMatchObject({
      status: 'open',
      paidMinor: 0n,
      attempts: 1,
    });
  });

  test('invoice payment credits a wallet: it pays the invoice and nothing else', async () => {
    const { partner, providerInvoiceId } = await issued();
    const after = fake.account.events.length;
    fake.account.pay(providerInvoiceId);
    await told(after);
    for (const account of ['unapplied_payments', 'customer_credit_balance', 'deferred_revenue'] as const)
      expect([account, await balance(partner, account)]).toEqual([account, 0n]);
  });

  test('duplicate top-ups: a prepaid purchase whose payment is told again and again is credited once', async () => {
    fixture.clock.set(START);
    const [from, to] = ['2024-02-01T00:00:00.000Z', '2024-04-01T00:00:00.000Z'];
    const topUp = { id: 'top-up', kind: 'prepaid', amountMinor: '50000', overageBasisPoints: 10_000 };
    const terms = termsOf({ commitments: [{ ...topUp, from, to }] });
    const partner = await fixture.agree(to, { terms });
    await fixture.at('2024-03-10T00:00:00.000Z');
    fixture.clock.set(NOW);
    await handOver(partner);
    const providerInvoiceId = atProvider(partner)[0]!.id;
    const after = fake.account.events.length;
    fake.account.pay(providerInvoiceId);
    await told(after, 3);
    // The same news under new ids: an endpoint that was registered twice.
    const again = verified(fake.webhooks({ after })).map((event) => ({ ...event, id: `${event.id}_again` }));
    await events.store(again);
    await handler.processOpen();
    expect(await balance(partner, 'deferred_revenue')).toBe(50_000n);
    expect(await balance(partner, 'cash_clearing')).toBe(50_000n);
    expect(await balance(partner, 'unapplied_payments')).toBe(0n);
  });
});

describe('what was seen', () => {
  const states = fc.record({
    status: fc.constantFrom('draft', 'open', 'uncollectible', 'void', 'paid'),
    paidMinor: fc.bigInt({ min: 0n, max: 1_000n }),
    attempts: fc.nat(5),
  }) as fc.Arbitrary<PaymentState>;

  test('comes to the same in any order and any number', () => {
    const shuffled = fc
      .array(states, { minLength: 1, maxLength: 8 })
      .chain((seen) =>
        fc.tuple(fc.constant(seen), fc.shuffledSubarray([...seen, ...seen], { minLength: seen.length * 2 })),
      );
    fc.assert(
      fc.property(shuffled, ([seen, again]) => {
        expect(again.reduce(merged)).toEqual(seen.reduce(merged));
      }),
    );
  });
});

describe('the reconciler', () => {
  const since = new Date(NOW.getTime() - 60_000);
  const of = async (partner: Partner) =>
    (await drifts.find(since)).filter(
      (drift) => 'organizationId' in drift && drift.organizationId === partner.organizationId,
    );

  test('tells what is missing or differs on either side, and takes over what webhooks did not bring', async () => {
    const { partner, invoiceId, providerInvoiceId } = await issued();
    const { organizationId } = partner;
    expect(await of(partner)).toEqual([]);

    fake.account.pay(providerInvoiceId);
    const both = { invoiceId, providerInvoiceId, organizationId };
    expect(await of(partner)).toEqual([
      { kind: 'paid_differs', ...both, oursMinor: 0n, theirsMinor: 3_285n },
      { kind: 'status_differs', ...both, ours: 'open', theirs: 'paid' },
    ]);
    await app.get(PaymentReconciler).reconcile();
    expect(await of(partner)).toEqual([]);
    expect(await balance(partner, 'accounts_receivable')).toBe(0n);

    const theirs = fake.account.invoice(providerInvoiceId);
    theirs.total_excluding_tax = 3_284;
    const amounts = { oursMinor: 3_285n, theirsMinor: 3_284n, ourCurrency: 'USD', theirCurrency: 'USD' };
    expect(await of(partner)).toEqual([{ kind: 'amount_differs', ...both, ...amounts }]);
    fake.account.invoices.delete(providerInvoiceId);
    expect(await of(partner)).toEqual([{ kind: 'missing_there', ...both }]);

    const foreign = await provider.issueInvoice(
      payable(organizationId, { id: 'inv_elsewhere' }),
      await provider.ensureCustomer(partner),
    );
    const missing = (await drifts.find(since)).filter(({ providerInvoiceId: id }) => id === foreign.id);
    expect(missing).toEqual([{ kind: 'missing_here', invoiceId: 'inv_elsewhere', providerInvoiceId: foreign.id }]);
  });
});

describe('10,000 webhooks, tripled and shuffled', () => {
  const INVOICES = 10;
  const EVENTS_EACH = 1_000;
  const DELIVERY = 500;

  async function manyIssued(): Promise<{ partner: Partner; ids: string[] }> {
    const [partner, ...invoices] = await invoiced(
      Array.from({ length: INVOICES }, (_, index) => BigInt(1_000 + index)),
    );
    const ids: string[] = [];
    for (const invoice of invoices) ids.push((await payments.issue(invoice, partner)).providerInvoiceId);
    return { partner, ids };
  }

  const decline = (id: string) => {
    try {
      fake.account.pay(id, { decline: 'insufficient_funds' });
    } catch {
      // As expected: no payment is recorded, which the states compared below would show.
    }
  };

  /** Cards that are declined again and again, and in the end one of five things. */
  function live(ids: readonly string[], phase: 'tries' | 'ends'): void {
    const { account } = fake;
    for (const [index, id] of ids.entries()) {
      const end = index % 5;
      if (phase === 'tries') {
        for (let count = 5; count <= EVENTS_EACH; count += 2) decline(id);
        if (end === 1) account.pay(id, { amount: 400 });
      } else if (end === 2) account.void(id);
      else {
        if (end === 3) account.markUncollectible(id);
        if (end !== 4) account.pay(id);
      }
    }
  }

  /** Many at once, as they come in over HTTP. */
  async function deliver(received: readonly ProviderEvent[]): Promise<void> {
    const parts = Array.from({ length: Math.ceil(received.length / DELIVERY) }, (_, part) =>
      received.slice(part * DELIVERY, (part + 1) * DELIVERY),
    );
    for (const together of [...parts.keys()].filter((part) => part % 4 === 0))
      await Promise.all(parts.slice(together, together + 4).map((part) => events.store(part)));
    await handler.processOpen();
  }

  /** What we know and what the books say, by the place of an invoice among its partner's. */
  async function stateOfAll(partner: Partner, ids: readonly string[]) {
    const rows = await database.read(billingScope(partner.organizationId), (tx) =>
      tx.query<{ provider: string }>(
        `SELECT i.provider_invoice_id AS provider, i.status, i.paid_minor, i.attempts, i.due_minor,
                (SELECT array_agg(r.amount_minor ORDER BY r.amount_minor) FROM payment_receipts r WHERE r.invoice_id = i.invoice_id) AS receipts,
                (SELECT sum(e.amount_minor) FROM ledger_links l JOIN ledger_entries e ON e.transaction_id = l.transaction_id
                 WHERE l.reference_id = i.invoice_id AND l.organization_id = i.organization_id AND e.account = 'accounts_receivable') AS open,
                (SELECT o.state FROM invoices o WHERE o.id = i.invoice_id) AS ours
         FROM payment_invoices i WHERE i.organization_id = :organization`,
      ),
    );
    const byProvider = new Map(rows.map(({ provider, ...state }) => [provider, state]));
    const accounts = ['accounts_receivable', 'cash_clearing', 'unapplied_payments', 'inference_revenue'] as const;
    return {
      invoices: ids.map((id) => byProvider.get(id)),
      balances: await Promise.all(accounts.map((account) => balance(partner, account))),
      transactions: await transactionsOf(partner),
    };
  }

  test('come to the same state as in order', async () => {
    const { partner: ordered, ids: inOrder } = await manyIssued();
    for (const phase of ['tries', 'ends'] as const) {
      const after = fake.account.events.length;
      live(inOrder, phase);
      await deliver(verified(fake.webhooks({ after })));
    }

    const after = fake.account.events.length;
    const { partner: shuffled, ids: outOfOrder } = await manyIssued();
    live(outOfOrder, 'tries');
    live(outOfOrder, 'ends');
    const received = verified(fake.webhooks({ after }));
    expect(received.length).toBeGreaterThan(10_000);
    const tripled = shuffle([...received, ...received, ...received]);
    // Some are processed before others come in.
    const third = Math.ceil(tripled.length / 3);
    for (let from = 0; from < tripled.length; from += third) await deliver(tripled.slice(from, from + third));

    expect(await events.open(1)).toEqual([]);
    const reached = await stateOfAll(shuffled, outOfOrder);
    expect(reached).toEqual(await stateOfAll(ordered, inOrder));
    expect(reached.invoices.slice(0, 5)).toMatchObject([
      { status: 'paid', paid_minor: '1000', open: '0', ours: 'paid' },
      { status: 'paid', paid_minor: '1001', open: '0', ours: 'paid', receipts: [400, 601] },
      { status: 'void', paid_minor: '0', open: '1002', ours: 'finalized', receipts: null },
      { status: 'paid', paid_minor: '1003', open: '0', ours: 'paid' },
      { status: 'open', paid_minor: '0', open: '1004', ours: 'finalized' },
    ]);
  });

  /** The same each time. */
  const shuffle = <T>(given: readonly T[]): T[] =>
    given
      .map((each, index) => [createHash('sha256').update(`shuffle ${index}`).digest('hex'), each] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, each]) => each);
});

describe('where nobody collects', () => {
  test('messages of invoices are done all the same', async () => {
    const outbox = new Outbox(database);
    await invoiced();
    expect((await outbox.statistics()).open).toBeGreaterThan(0);
    const queue = QueueModule.forRoot({
      url: (await testValkey()).url,
      logger: createLogger('payments-spec', 'silent'),
    });
    const worker = await startWorker(fixture, null, [queue]);
    while ((await outbox.statistics()).open > 0) await sleep(50);
    expect((await outbox.statistics()).parked).toBe(0);
    await worker.close();
  });
});
