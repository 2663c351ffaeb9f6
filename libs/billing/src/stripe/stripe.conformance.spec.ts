import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { newId, systemClock } from '#libs/kernel';
import { FakeStripe } from '../../../../test/fakes/stripe/index.js';
import { payable } from '../payments/payable.fixture.js';
import { addressOf, StripeProvider } from './stripe.provider.js';

/*
 * What the fake and Stripe must both do. With STRIPE_API_KEY and STRIPE_WEBHOOK_SECRET of a test account it runs on Stripe, otherwise on the fake:
 * docs/guides/stripe.md.
 */
const { STRIPE_API_KEY: apiKey = 'sk_test_fake', STRIPE_WEBHOOK_SECRET: webhookSecret = 'whsec_fake' } = process.env;
const IS_FAKE = !process.env['STRIPE_API_KEY'];
const PATIENCE_MILLISECONDS = 60_000;

let fake: FakeStripe | undefined;
let stripe: Stripe;
let clockId: string;
let provider: StripeProvider;

beforeAll(async () => {
  if (!/^[sr]k_test_/.test(apiKey)) throw new Error('STRIPE_API_KEY is not of a test account: nothing is done with it');
  if (IS_FAKE) fake = await new FakeStripe(webhookSecret).start();
  const apiUrl = fake?.url;
  stripe = new Stripe(apiKey, { ...addressOf(apiUrl), telemetry: false });
  const frozen_time = Math.floor(systemClock.now().getTime() / 1000);
  clockId = (await stripe.testHelpers.testClocks.create({ frozen_time, name: 'conformance' })).id;
  provider = new StripeProvider({ apiKey, webhookSecret, apiUrl, testClockId: clockId });
}, PATIENCE_MILLISECONDS);

// The clock goes with all of its customers and their invoices.
afterAll(async () => {
  await stripe.testHelpers.testClocks.del(clockId);
  await fake?.stop();
}, PATIENCE_MILLISECONDS);

async function customer() {
  const organizationId = newId('org');
  const payer = { organizationId, name: 'Conformance', email: 'conformance@example.com' };
  return { organizationId, payer, customerId: await provider.ensureCustomer(payer) };
}

test(
  'a customer and an invoice are made once, to the unit',
  async () => {
    const { organizationId, payer, customerId } = await customer();
    expect(await provider.ensureCustomer(payer)).toBe(customerId);
    const invoice = payable(organizationId, { paymentDays: 45, purchaseOrderNumber: 'PO-7' });
    const issued = await provider.issueInvoice(invoice, customerId);
    expect(issued).toMatchObject({
      invoiceId: invoice.id,
      status: 'open',
      totalMinor: 3_285n,
      paidMinor: 0n,
      currency: 'USD',
    });
    expect(issued.hostedUrl).toMatch(/^https?:/);
    expect(await provider.issueInvoice(invoice, customerId)).toMatchObject({ id: issued.id, totalMinor: 3_285n });
    expect(await provider.payments(issued.id)).toEqual([]);
  },
  PATIENCE_MILLISECONDS,
);

test(
  'an invoice is credited in part, given up, and voided, each once',
  async () => {
    const { organizationId, customerId } = await customer();
    const [first, second] = [1, 2].map(() => payable(organizationId, { paymentDays: 0, amounts: [4_000n, 1_000n] }));
    const { id } = await provider.issueInvoice(first!, customerId);
    const lines = [{ lineId: first!.lines[0]!.id, amountMinor: 500n }];
    const note = {
      creditNoteId: `note-of-${first!.id}`,
      providerInvoiceId: id,
      lines,
      paidMinor: 0n,
      reason: 'An outage',
    };
    expect(await provider.creditNote(note)).toBe(await provider.creditNote(note));
    expect(await provider.markUncollectible(id)).toMatchObject({ status: 'uncollectible', totalMinor: 5_000n });
    expect(await provider.markUncollectible(id)).toMatchObject({ status: 'uncollectible' });
    const other = await provider.issueInvoice(second!, customerId);
    expect(await provider.voidInvoice(other.id)).toMatchObject({ status: 'void' });
    expect(await provider.voidInvoice(other.id)).toMatchObject({ status: 'void' });
  },
  PATIENCE_MILLISECONDS,
);

test(
  'a key with other parameters is refused',
  async () => {
    const key = { idempotencyKey: newId('req') };
    await stripe.customers.create({ name: 'One', test_clock: clockId }, key);
    const other = stripe.customers.create({ name: 'Another', test_clock: clockId }, key);
    await expect(other).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
  },
  PATIENCE_MILLISECONDS,
);
