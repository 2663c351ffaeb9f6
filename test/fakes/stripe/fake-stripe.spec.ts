import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { differencesFromExample } from './example-objects.fixture.js';
import { FakeStripe } from './index.js';

let fake: FakeStripe;
let stripe: Stripe;

beforeAll(async () => {
  fake = await new FakeStripe('whsec_spec').start();
  stripe = client();
});
afterAll(() => fake.stop());

/** The official SDK. */
function client(options: { maxNetworkRetries?: number; timeout?: number } = {}): Stripe {
  const { hostname: host, port } = new URL(fake.url);
  return new Stripe('sk_test_fake', {
    host,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...options,
  });
}

const key = (idempotencyKey: string) => ({ idempotencyKey });

/** An open invoice of two lines, over 30.00. */
async function openInvoice(): Promise<Stripe.Invoice> {
  const { id: customer } = await stripe.customers.create({ name: 'Partner', metadata: { ours: 'org_1' } });
  const draft = await stripe.invoices.create({
    customer,
    currency: 'usd',
    collection_method: 'send_invoice',
    due_date: 2_000_000_000,
  });
  await stripe.invoices.addLines(draft.id, {
    lines: [
      { amount: 4000, description: 'Training', metadata: { line: 'a' } },
      { amount: -1000, description: 'Credit', metadata: { line: 'b' } },
    ],
  });
  return stripe.invoices.finalizeInvoice(draft.id);
}

describe('what it answers', () => {
  test('has the keys and types of Stripe’s own examples', async () => {
    const open = await openInvoice();
    const paid = await stripe.invoices.pay(open.id);
    const [payment] = (await stripe.invoicePayments.list({ invoice: open.id })).data;
    const intent = payment!.payment.payment_intent as string;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 });
    const note = await stripe.creditNotes.create({
      invoice: open.id,
      lines: [{ type: 'invoice_line_item', invoice_line_item: open.lines.data[0]!.id, amount: 100 }],
      out_of_band_amount: 100,
    });
    await stripe.refunds.create({ payment_intent: intent, amount: 100 });
    fake.account.dispute(open.id);
    const portal = await stripe.billingPortal.sessions.create({
      customer: paid.customer as string,
      return_url: 'https://a.example/',
    });
    const { account } = fake;
    const raw = (object: object) => JSON.parse(JSON.stringify(object)) as object & { object: string };
    const made = [
      account.customers,
      account.invoices,
      account.items,
      account.paymentIntents,
      account.invoicePayments,
      account.refunds,
      account.disputes,
    ];
    const objects = [...made.flatMap((kept) => [...kept.values()].slice(0, 1)), raw(note), raw(portal), raw(clock)];
    const lines = [open.lines.data[0]!, note.lines.data[0]!].map(raw);
    const event = account.events[0]!;
    for (const each of [...objects, ...lines, { ...event, data: {} }])
      expect([each.object, differencesFromExample(each)]).toEqual([each.object, []]);
  });

  test('an invoice goes its way: draft, open, paid; or void, or given up', async () => {
    const open = await openInvoice();
    expect(open).toMatchObject({ status: 'open', amount_due: 3000, hosted_invoice_url: `${fake.url}/i/${open.id}` });
    expect(await (await fetch(open.hosted_invoice_url!)).text()).toContain('This is a fake of Stripe');
    const types = fake.account.events.map(({ type }) => type);
    expect(types.slice(-4)).toEqual([
      'invoiceitem.created',
      'invoice.updated',
      'invoice.finalized',
      'payment_intent.created',
    ]);
    expect(await stripe.invoices.pay(open.id)).toMatchObject({
      status: 'paid',
      amount_paid: 3000,
      amount_remaining: 0,
    });
    await expect(stripe.invoices.voidInvoice(open.id)).rejects.toMatchObject({ code: 'invoice_not_editable' });
    const other = await openInvoice();
    expect(await stripe.invoices.markUncollectible(other.id)).toMatchObject({ status: 'uncollectible' });
    expect(await stripe.invoices.voidInvoice(other.id)).toMatchObject({ status: 'void' });
    await expect(stripe.invoices.pay(other.id)).rejects.toMatchObject({ type: 'StripeInvalidRequestError' });
  });

  test('an invoice is paid in parts; a card that is declined pays nothing', async () => {
    const { id } = await openInvoice();
    expect(fake.account.pay(id, { amount: 1200 })).toMatchObject({ status: 'open', amount_remaining: 1800 });
    expect(() => fake.account.pay(id, { decline: 'insufficient_funds' })).toThrow('declined');
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', amount_paid: 1200, attempt_count: 2 });
    expect(await stripe.invoices.pay(id)).toMatchObject({ status: 'paid', amount_paid: 3000 });
    const { data } = await stripe.invoicePayments.list({ invoice: id });
    expect(data.map(({ amount_paid }) => amount_paid).sort()).toEqual([1200, 1800]);
  });

  test('a test clock gives its customers their time', async () => {
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 });
    const { id: customer } = await stripe.customers.create({ name: 'In time', test_clock: clock.id });
    expect(await stripe.invoices.create({ customer })).toMatchObject({ created: 1_800_000_000 });
    await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1_800_086_400 });
    expect(await stripe.invoices.create({ customer })).toMatchObject({ created: 1_800_086_400 });
  });
});

describe('an idempotency key', () => {
  test('gives the first answer again, and says so', async () => {
    const first = await stripe.customers.create({ name: 'Once' }, key('once'));
    const again = await stripe.customers.create({ name: 'Once' }, key('once'));
    expect(again.id).toBe(first.id);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
  });

  test('is refused with other parameters', async () => {
    await stripe.customers.create({ name: 'One' }, key('taken'));
    await expect(stripe.customers.create({ name: 'Another' }, key('taken'))).rejects.toMatchObject({
      statusCode: 400,
      type: 'StripeIdempotencyError',
    });
  });

  test('conflicts with itself while the first request is at work', async () => {
    fake.fail('held', { path: '/v1/customers' });
    const first = stripe.customers.create({ name: 'Slow' }, key('slow'));
    while (!fake.isHolding) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(stripe.customers.create({ name: 'Slow' }, key('slow'))).rejects.toMatchObject({ statusCode: 409 });
    fake.letGo();
    expect((await stripe.customers.create({ name: 'Slow' }, key('slow'))).id).toBe((await first).id);
  });

  test('remembers an internal error, and nothing that was refused before it was begun', async () => {
    fake.fail('error_after_commit', { path: '/v1/customers' });
    for (let tries = 0; tries < 2; tries++)
      await expect(stripe.customers.create({ name: 'Broken' }, key('broken'))).rejects.toMatchObject({
        statusCode: 500,
      });
    expect([...fake.account.customers.values()].filter(({ name }) => name === 'Broken')).toHaveLength(1);
    fake.fail('rate_limited');
    await expect(stripe.customers.create({ name: 'Fast' }, key('fast'))).rejects.toMatchObject({ statusCode: 429 });
    expect(await stripe.customers.create({ name: 'Fast' }, key('fast'))).toMatchObject({ name: 'Fast' });
    await expect(stripe.invoices.create({ customer: 'cus_none' }, key('wrong'))).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  test('after silence the answer is still there', async () => {
    const impatient = client({ timeout: 1_000, maxNetworkRetries: 4 });
    fake.fail('silence_after_commit', { path: '/v1/customers' });
    const { id } = await impatient.customers.create({ name: 'Silent' }, key('silent'));
    const found = [...fake.account.customers.values()].filter(({ name }) => name === 'Silent');
    expect(found.map((each) => each.id)).toEqual([id]);
  });
});

test('webhooks are signed as the SDK verifies them, over the very bytes', async () => {
  await stripe.customers.create({ name: 'Told' });
  const [{ body, headers }] = fake.webhooks().slice(-1) as [ReturnType<FakeStripe['webhooks']>[number]];
  const signature = headers['stripe-signature'];
  expect(stripe.webhooks.constructEvent(body, signature, 'whsec_spec').type).toBe('customer.created');
  expect(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other')).toThrow();
  expect(() => stripe.webhooks.constructEvent(JSON.stringify(JSON.parse(body)), signature, 'whsec_spec')).toThrow();
});
