import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Failure, FakeStripe } from '../../../../test/fakes/stripe/index.js';
import { payable } from '../payments/payable.fixture.js';
import { StripeProvider } from './stripe.provider.js';

let fake: FakeStripe;
let provider: StripeProvider;
/** Takes silence for a failure before long: a machine with much to do answers later than that. */
let impatient: StripeProvider;
let organizations = 0;

beforeAll(async () => {
  fake = await new FakeStripe().start();
  const options = { apiKey: 'sk_test_fake', webhookSecret: fake.webhookSecret, apiUrl: fake.url, retries: 0 };
  provider = new StripeProvider(options);
  impatient = new StripeProvider({ ...options, timeoutMilliseconds: 1_000 });
});
afterAll(() => fake.stop());
beforeEach(() => {
  fake.calls.length = 0;
});

async function newCustomer(): Promise<{ organizationId: string; customerId: string }> {
  organizations += 1;
  const organizationId = `org_${organizations}`;
  const customerId = await provider.ensureCustomer({ organizationId, name: 'Partner', email: 'pay@partner.example' });
  return { organizationId, customerId };
}

const invoicesOf = (customer: string) =>
  [...fake.account.invoices.values()].filter((each) => each.customer === customer);

/** As the worker does: the message comes again until it is done. */
async function untilDone<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 8; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries === 7) throw error;
    }
  }
  throw new Error('not reached');
}

describe('an invoice', () => {
  test('is issued with our lines to the unit, our ids, a purchase order, for card or bank transfer, and nothing by itself', async () => {
    const { organizationId, customerId } = await newCustomer();
    const invoice = payable(organizationId, {
      purchaseOrderNumber: 'PO-7',
      paymentDays: 45,
      amounts: [5_000n, 0n, -700n, 43n],
    });
    const issued = await provider.issueInvoice(invoice, customerId);
    expect(issued).toMatchObject({
      invoiceId: invoice.id,
      status: 'open',
      totalMinor: 4_343n,
      paidMinor: 0n,
      currency: 'USD',
    });
    const { created } = fake.account.invoice(issued.id);
    expect(fake.account.invoice(issued.id)).toMatchObject({
      auto_advance: false,
      due_date: created + 45 * 86_400,
      collection_method: 'send_invoice',
      custom_fields: [{ name: 'Purchase order', value: 'PO-7' }],
      payment_settings: { payment_method_types: ['card', 'customer_balance'] },
      metadata: { forkpoint_invoice: invoice.id, forkpoint_organization: organizationId },
      amount_due: 4_343,
    });
    const lines = fake.account.invoice(issued.id).lines.data;
    expect(lines.map(({ amount, metadata }) => [metadata.forkpoint_line, amount])).toEqual([
      [invoice.lines[0]!.id, 5_000],
      [invoice.lines[2]!.id, -700],
      [invoice.lines[3]!.id, 43],
    ]);
  });

  test('of many lines is issued in parts', async () => {
    const { organizationId, customerId } = await newCustomer();
    const invoice = payable(organizationId, { amounts: Array.from({ length: 230 }, (_, index) => BigInt(index + 1)) });
    expect(await provider.issueInvoice(invoice, customerId)).toMatchObject({ totalMinor: (230n * 231n) / 2n });
  });

  test('in dinars is collected in steps of ten, as Stripe takes them, by card', async () => {
    const { organizationId, customerId } = await newCustomer();
    const even = payable(organizationId, { currency: 'KWD', amounts: [12_340n] });
    const { id } = await provider.issueInvoice(even, customerId);
    expect(fake.account.invoice(id).payment_settings.payment_method_types).toEqual(['card']);
    const odd = payable(organizationId, { currency: 'KWD', amounts: [12_345n] });
    await expect(provider.issueInvoice(odd, customerId)).rejects.toMatchObject({
      code: 'PAYMENT_AMOUNT_NOT_COLLECTABLE',
    });
  });

  test('regression, discount lost in sync: lines that do not sum to what is due are never issued', async () => {
    const { organizationId, customerId } = await newCustomer();
    const invoice = payable(organizationId, { amounts: [10_000n, -2_500n] });
    expect(await provider.issueInvoice(invoice, customerId)).toMatchObject({ totalMinor: 7_500n });
    const lost = { ...payable(organizationId, { amounts: [10_000n] }), dueMinor: 7_500n };
    await expect(provider.issueInvoice(lost, customerId)).rejects.toMatchObject({ code: 'PAYMENT_LINES_DIFFER' });
    // Somebody adds to the draft at the provider between two tries.
    const meddled = payable(organizationId, { amounts: [300n] });
    fake.fail('rate_limited', { path: 'add_lines' });
    await expect(provider.issueInvoice(meddled, customerId)).rejects.toThrow();
    const draft = invoicesOf(customerId).find(({ metadata }) => metadata.forkpoint_invoice === meddled.id)!;
    fake.account.addLines(draft.id, { lines: { 0: { amount: '-50' } } });
    await expect(provider.issueInvoice(meddled, customerId)).rejects.toMatchObject({ code: 'PAYMENT_LINES_DIFFER' });
    expect(fake.account.invoice(draft.id).status).toBe('draft');
  });

  test('is not taxed twice', async () => {
    const taxing = new StripeProvider({ apiKey: 'sk', webhookSecret: 'w', apiUrl: fake.url, stripeTax: true });
    const { organizationId, customerId } = await newCustomer();
    const taxed = payable(organizationId, { taxMinor: 285n });
    await expect(taxing.issueInvoice(taxed, customerId)).rejects.toMatchObject({ code: 'PAYMENT_TAXED_TWICE' });
    const { id } = await taxing.issueInvoice(payable(organizationId, { amounts: [900n] }), customerId);
    expect(fake.account.invoice(id).automatic_tax.enabled).toBe(true);
    // Stripe Tax takes no line below zero.
    await expect(taxing.issueInvoice(payable(organizationId), customerId)).rejects.toMatchObject({
      code: 'PAYMENT_AMOUNT_NOT_COLLECTABLE',
    });
  });
});

describe('after a failure, trying again makes one of each', () => {
  const CALLS = ['/v1/customers', '/v1/invoices', 'add_lines', 'finalize'];
  const FAILURES: Failure[] = ['rate_limited', 'error_after_commit', 'silence_after_commit'];

  test.each(FAILURES)('%s at every call', async (failure) => {
    for (const path of CALLS) {
      organizations += 1;
      const payer = { organizationId: `org_${organizations}`, name: 'Partner', email: null };
      const invoice = payable(payer.organizationId);
      fake.fail(failure, { path: `POST ${path.startsWith('/') ? path : ''}` });
      if (!path.startsWith('/')) fake.fail(failure, { path });
      const trying = failure === 'silence_after_commit' ? impatient : provider;
      const issued = await untilDone(async () => trying.issueInvoice(invoice, await trying.ensureCustomer(payer)));
      const customers = [...fake.account.customers.values()].filter(
        ({ metadata }) => metadata.forkpoint_organization === payer.organizationId,
      );
      expect(customers).toHaveLength(1);
      expect(invoicesOf(customers[0]!.id).map(({ id, status, total }) => [id, status, total])).toEqual([
        [issued.id, 'open', 3_285],
      ]);
    }
  });

  test('also when no key is remembered any more', async () => {
    const { organizationId, customerId } = await newCustomer();
    const invoice = payable(organizationId);
    fake.fail('error_after_commit', { path: 'add_lines' });
    await expect(provider.issueInvoice(invoice, customerId)).rejects.toThrow();
    fake.keys.forget();
    await provider.issueInvoice(invoice, customerId);
    await provider.issueInvoice(invoice, customerId);
    expect(invoicesOf(customerId).map(({ total }) => total)).toEqual([3_285]);
  });

  test('regression, idempotency-key churn: the keys of an act are the same whenever it is tried', async () => {
    const { organizationId, customerId } = await newCustomer();
    const invoice = payable(organizationId);
    const keysOfOneTry = async () => {
      fake.calls.length = 0;
      await provider.issueInvoice(invoice, customerId);
      return fake.calls.flatMap(({ method, idempotencyKey }) => (method === 'POST' ? [idempotencyKey] : []));
    };
    const first = await keysOfOneTry();
    expect(first).toEqual(['invoice', 'lines-0', 'finalize'].map((act) => `forkpoint/${invoice.id}/${act}`));
    // As if nothing of it had come through.
    fake.account.invoices.clear();
    fake.keys.forget();
    expect(await keysOfOneTry()).toEqual(first);
  });
});

describe('what follows', () => {
  test('void and given up, each again and again', async () => {
    const { organizationId, customerId } = await newCustomer();
    const [one, other] = [payable(organizationId), payable(organizationId)];
    const [{ id: first }, { id: second }] = [
      await provider.issueInvoice(one, customerId),
      await provider.issueInvoice(other, customerId),
    ];
    for (let tries = 0; tries < 2; tries++) {
      expect(await provider.voidInvoice(first)).toMatchObject({ status: 'void' });
      expect(await provider.markUncollectible(second)).toMatchObject({ status: 'uncollectible' });
    }
  });

  test('a credit note lessens what is open, and what was paid is left to us to give back, once', async () => {
    const { organizationId, customerId } = await newCustomer();
    const invoice = payable(organizationId, { amounts: [4_000n, 1_000n] });
    const { id } = await provider.issueInvoice(invoice, customerId);
    const note = { providerInvoiceId: id, reason: 'An outage' };
    const lines = (amountMinor: bigint) => [{ lineId: invoice.lines[0]!.id, amountMinor }];
    fake.fail('error_after_commit', { path: 'POST /v1/credit_notes' });
    await untilDone(() => provider.creditNote({ ...note, creditNoteId: 'cn_1', lines: lines(500n), paidMinor: 0n }));
    expect(fake.account.pay(id)).toMatchObject({ status: 'paid', amount_paid: 4_500 });
    const paid = { ...note, creditNoteId: 'cn_2', lines: lines(200n), paidMinor: 200n };
    expect(await provider.creditNote(paid)).toBe(await provider.creditNote(paid));
    expect(fake.account.creditNotes.size).toBe(2);
    await expect(
      provider.creditNote({ ...paid, creditNoteId: 'cn_3', lines: [{ lineId: 'none', amountMinor: 1n }] }),
    ).rejects.toMatchObject({
      code: 'PAYMENT_LINE_UNKNOWN',
    });
  });

  test('a refund, once', async () => {
    const { organizationId, customerId } = await newCustomer();
    const { id } = await provider.issueInvoice(payable(organizationId), customerId);
    fake.account.pay(id);
    const [payment] = await provider.payments(id);
    expect(payment).toMatchObject({ amountMinor: 3_285n });
    const refund = { refundId: `refund-of-${id}`, refundableId: payment!.refundableId!, amountMinor: 85n };
    fake.fail('silence_after_commit', { path: 'POST /v1/refunds' });
    expect(await untilDone(() => impatient.refund(refund))).toEqual(await provider.refund(refund));
    expect([...fake.account.refunds.values()].filter(({ amount }) => amount === 85)).toHaveLength(1);
  });

  test('a refund that is refused for good is told from one that is to be tried again', async () => {
    const { organizationId, customerId } = await newCustomer();
    const { id } = await provider.issueInvoice(payable(organizationId), customerId);
    fake.account.pay(id);
    const [payment] = await provider.payments(id);
    const order = { refundId: `refund-of-${id}`, refundableId: payment!.refundableId!, amountMinor: 3_286n };
    await expect(provider.refund(order)).rejects.toMatchObject({ code: 'PAYMENT_REFUND_REFUSED' });
    const elsewhere = provider.refund({ ...order, refundableId: 'pi_of_another_account' });
    await expect(elsewhere).rejects.toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 404 });
    fake.fail('rate_limited', { path: 'POST /v1/refunds' });
    const limited = provider.refund({ ...order, amountMinor: 1n });
    await expect(limited).rejects.toMatchObject({ type: 'StripeRateLimitError' });
    const made = await provider.refund({ ...order, amountMinor: 1n });
    expect(made).toMatchObject({ refundId: order.refundId, amountMinor: 1n, state: 'succeeded', failure: null });
    fake.account.settleRefund(made.id, 'canceled');
    expect(await provider.refunds(order.refundableId)).toMatchObject([{ id: made.id, state: 'failed' }]);
  });

  test('where a customer pays and keeps its cards', async () => {
    const { organizationId, customerId } = await newCustomer();
    const { hostedUrl } = await provider.issueInvoice(payable(organizationId), customerId);
    expect((await fetch(hostedUrl!)).status).toBe(200);
    expect(await provider.billingPortalUrl(customerId, 'https://portal.example/')).toContain(`${fake.url}/p/session/`);
  });
});

test('a webhook is believed by its signature over the very bytes, and says which invoice to look at', async () => {
  const { organizationId, customerId } = await newCustomer();
  const { id } = await provider.issueInvoice(payable(organizationId), customerId);
  fake.account.pay(id);
  const told = fake.webhooks().map(({ body, headers }) => provider.verifyWebhook(body, headers['stripe-signature']));
  const about = told.filter(({ providerInvoiceId }) => providerInvoiceId === id).map(({ type }) => type);
  expect(new Set(about)).toEqual(
    new Set([
      'invoice.created',
      'invoiceitem.created',
      'invoice.updated',
      'invoice.finalized',
      'invoice_payment.paid',
      'invoice.paid',
      'invoice.payment_succeeded',
    ]),
  );
  const [{ body, headers }] = fake.webhooks() as [ReturnType<FakeStripe['webhooks']>[number]];
  for (const [bytes, signature] of [
    [`${body} `, headers['stripe-signature']],
    [body, 't=1,v1=00'],
    [body, ''],
  ] as const)
    expect(() => provider.verifyWebhook(bytes, signature)).toThrow('not signed by the payment provider');
});
