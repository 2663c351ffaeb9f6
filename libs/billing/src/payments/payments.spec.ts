import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '#libs/kernel';
import { type AccountName, finalizeInvoice, type InvoiceLine, LedgerReports, LedgerService } from '#libs/ledger';
import { Database } from '#platform/database';
import { type TestDatabase, testDatabase, testOrganization } from '#test/harness';
import { FakeStripe } from '../../../../test/fakes/stripe/index.js';
import { PaymentEventHandler } from '../jobs/payment-event.handler.js';
import { PaymentReconciler } from '../jobs/payment-reconciler.js';
import { StripeProvider } from '../stripe/index.js';
import { payable } from './payable.fixture.js';
import { PaymentBooks } from './payment-books.js';
import { PaymentDrifts } from './payment-drift.js';
import { PaymentEvents } from './payment-events.js';
import type { PayableInvoice, ProviderEvent } from './payment-provider.js';
import { merged, type PaymentState } from './payment-state.js';
import { saveInvoice } from './payments.repository.js';
import { billingScope, Payments } from './payments.service.js';

const clock = new ManualClock(new Date());
const ledger = new LedgerService(clock);
const reports = new LedgerReports();

let server: TestDatabase;
let database: Database;
let fake: FakeStripe;
let provider: StripeProvider;
let payments: Payments;
let events: PaymentEvents;
let handler: PaymentEventHandler;
let drifts: PaymentDrifts;

beforeAll(async () => {
  server = await testDatabase();
  const { app: appUrl, reconciler } = server.urls;
  database = await new Database({ appUrl, narrowUrls: { reconciler }, clock }).connect();
  fake = await new FakeStripe().start();
  const { url: apiUrl, webhookSecret } = fake;
  provider = new StripeProvider({ apiKey: 'sk_test_fake', webhookSecret, apiUrl, retries: 0 });
  payments = new Payments(database, new PaymentBooks(ledger, reports), provider, clock);
  events = new PaymentEvents(database, clock);
  handler = new PaymentEventHandler(events, payments);
  drifts = new PaymentDrifts(database, provider);
});
afterAll(async () => {
  await database.close();
  await fake.stop();
  await server.drop();
});

type Partner = { organizationId: string; name: string; email: string | null };

async function newPartner(): Promise<Partner> {
  const { organizationId } = await testOrganization(server);
  return { organizationId, name: 'Partner', email: null };
}

/** Finalized in the ledger, and handed to the provider. */
async function issued(partner: Partner, invoice: PayableInvoice, lines: InvoiceLine[] = usageOf(invoice)) {
  const posting = finalizeInvoice({ ...finalizedOf(invoice), lines });
  await database.transaction(billingScope(partner.organizationId), (tx) => ledger.post(tx, posting));
  return payments.issue(invoice, partner);
}

/** Without its lines. */
const finalizedOf = ({ id: invoiceId, currency, dueMinor }: PayableInvoice) => {
  return { invoiceId, currency, finalizedAt: clock.now(), dueMinor, carriedOutMinor: 0n, accruedMinor: {} };
};

const usageOf = ({ dueMinor }: PayableInvoice): InvoiceLine[] => [
  { id: 'usage', part: 'usage', amountMinor: dueMinor, meter: 'output_tokens' },
];

function balance({ organizationId }: Partner, account: AccountName): Promise<bigint> {
  return database.read(billingScope(organizationId), (tx) => reports.balance(tx, { account, currency: 'USD' }));
}

async function transactionsOf({ organizationId }: Partner): Promise<number> {
  const row = await database.read(billingScope(organizationId), (tx) =>
    tx.one<{ count: number }>(
      'SELECT count(*)::int AS count FROM ledger_transactions WHERE organization_id = :organization',
    ),
  );
  return row!.count;
}

/** Verified, as they come over HTTP. */
const verified = (webhooks: ReturnType<FakeStripe['webhooks']>): ProviderEvent[] =>
  webhooks.map(({ body, headers }) => provider.verifyWebhook(body, headers['stripe-signature']));

/** Everything that the provider told from some event on comes in, and is processed. */
async function told(after: number, times = 1): Promise<void> {
  const received = verified(fake.webhooks({ after }));
  for (let time = 0; time < times; time++) {
    await events.store(received);
    await handler.processOpen();
  }
}

describe('an invoice that is paid', () => {
  test('is paid in the books once, however often that is told and in whatever parts', async () => {
    const partner = await newPartner();
    const invoice = payable(partner.organizationId);
    const { providerInvoiceId } = await issued(partner, invoice);
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

  test('before we know that it was issued is paid in the books all the same', async () => {
    const partner = await newPartner();
    const invoice = payable(partner.organizationId);
    const after = fake.account.events.length;
    // The process dies after the provider took the invoice; the customer is quicker than the next try.
    const early = await provider.issueInvoice(invoice, await provider.ensureCustomer(partner));
    fake.account.pay(early.id);
    await told(after);
    expect(await issued(partner, invoice)).toMatchObject({ providerInvoiceId: early.id, status: 'paid' });
    expect(await balance(partner, 'accounts_receivable')).toBe(0n);
  });

  test('or voided, or given up, says so', async () => {
    const partner = await newPartner();
    const [one, other] = [payable(partner.organizationId), payable(partner.organizationId)];
    await issued(partner, one);
    await issued(partner, other);
    expect(await payments.void(partner.organizationId, one.id)).toMatchObject({ status: 'void' });
    expect(await payments.markUncollectible(partner.organizationId, other.id)).toMatchObject({
      status: 'uncollectible',
    });
  });

  test('is seen by its own organization alone', async () => {
    const [partner, stranger] = [await newPartner(), await newPartner()];
    const invoice = payable(partner.organizationId);
    await issued(partner, invoice);
    expect(await payments.hostedInvoiceUrl(billingScope(partner.organizationId), invoice.id)).toContain(fake.url);
    const asked = payments.hostedInvoiceUrl(billingScope(stranger.organizationId), invoice.id);
    await expect(asked).rejects.toMatchObject({ code: 'PAYMENT_INVOICE_UNKNOWN' });
  });
});

describe('regressions', () => {
  test('failed payment leaves the balance', async () => {
    const partner = await newPartner();
    const { providerInvoiceId, invoiceId } = await issued(partner, payable(partner.organizationId));
    const transactions = await transactionsOf(partner);
    const after = fake.account.events.length;
    expect(() => fake.account.pay(providerInvoiceId, { decline: 'insufficient_funds' })).toThrow();
    await told(after);
    expect(await transactionsOf(partner)).toBe(transactions);
    expect(await balance(partner, 'accounts_receivable')).toBe(3_285n);
    expect(await payments.issue(payable(partner.organizationId, { id: invoiceId }), partner)).toMatchObject({
      status: 'open',
      paidMinor: 0n,
      attempts: 1,
    });
  });

  test('invoice payment credits a wallet: it pays the invoice and nothing else', async () => {
    const partner = await newPartner();
    const { providerInvoiceId } = await issued(partner, payable(partner.organizationId));
    const after = fake.account.events.length;
    fake.account.pay(providerInvoiceId);
    await told(after);
    for (const account of ['unapplied_payments', 'customer_credit_balance', 'deferred_revenue'] as const)
      expect([account, await balance(partner, account)]).toEqual([account, 0n]);
  });

  test('duplicate top-ups: a prepaid purchase whose payment is told again and again is credited once', async () => {
    const partner = await newPartner();
    const invoice = payable(partner.organizationId, { amounts: [50_000n] });
    const purchase: InvoiceLine[] = [{ id: 'purchase', part: 'purchase', amountMinor: 50_000n }];
    const { providerInvoiceId } = await issued(partner, invoice, purchase);
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
  const since = new Date(clock.now().getTime() - 60_000);
  const of = async (partner: Partner) =>
    (await drifts.find(since)).filter(
      (drift) => 'organizationId' in drift && drift.organizationId === partner.organizationId,
    );

  test('tells what is missing or differs on either side, and takes over what webhooks did not bring', async () => {
    const partner = await newPartner();
    const { organizationId } = partner;
    const invoice = payable(organizationId);
    const { providerInvoiceId, invoiceId } = await issued(partner, invoice);
    expect(await of(partner)).toEqual([]);

    fake.account.pay(providerInvoiceId);
    const both = { invoiceId, providerInvoiceId, organizationId };
    expect(await of(partner)).toEqual([
      { kind: 'paid_differs', ...both, oursMinor: 0n, theirsMinor: 3_285n },
      { kind: 'status_differs', ...both, ours: 'open', theirs: 'paid' },
    ]);
    await new PaymentReconciler(drifts, payments, clock).reconcile();
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
  const INVOICES = 100;
  const EVENTS_EACH = 100;
  const DELIVERY = 500;

  /** Invoices at the provider that are known here and open in the books, as if they had been issued one by one. */
  async function manyIssued(partner: Partner): Promise<string[]> {
    const { account } = fake;
    const { id: customer } = account.createCustomer({});
    const asIssued = { invoiceId: null, currency: 'USD', totalMinor: 0n, createdAt: clock.now() };
    const ids: string[] = [];
    await database.transaction(billingScope(partner.organizationId), async (tx) => {
      for (let index = 0; index < INVOICES; index++) {
        const invoice = payable(partner.organizationId, { amounts: [BigInt(1_000 + index)] });
        const { id } = account.createInvoice({ customer });
        account.addLines(id, { lines: { 0: { amount: String(1_000 + index) } } });
        account.finalize(id);
        const open = { id, status: 'open', paidMinor: 0n, attempts: 0, hostedUrl: null } as const;
        await saveInvoice(tx, invoice, { ...asIssued, ...open }, clock.now());
        await ledger.post(tx, finalizeInvoice({ ...finalizedOf(invoice), lines: usageOf(invoice) }));
        ids.push(id);
      }
    });
    return ids;
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
                 WHERE l.reference_id = i.invoice_id AND l.organization_id = i.organization_id AND e.account = 'accounts_receivable') AS open
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
    const ordered = await newPartner();
    const inOrder = await manyIssued(ordered);
    for (const phase of ['tries', 'ends'] as const) {
      const after = fake.account.events.length;
      live(inOrder, phase);
      await deliver(verified(fake.webhooks({ after })));
    }

    const shuffled = await newPartner();
    const after = fake.account.events.length;
    const outOfOrder = await manyIssued(shuffled);
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
      { status: 'paid', paid_minor: '1000', open: '0' },
      { status: 'paid', paid_minor: '1001', open: '0', receipts: [400, 601] },
      { status: 'void', paid_minor: '0', open: '1002', receipts: null },
      { status: 'paid', paid_minor: '1003', open: '0' },
      { status: 'open', paid_minor: '0', open: '1004' },
    ]);
  }, 120_000);

  /** The same each time. */
  const shuffle = <T>(given: readonly T[]): T[] =>
    given
      .map((each, index) => [createHash('sha256').update(`shuffle ${index}`).digest('hex'), each] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, each]) => each);
});
