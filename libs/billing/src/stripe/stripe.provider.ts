import Stripe from 'stripe';
import type {
  PayableInvoice,
  PayableLine,
  Payer,
  PaymentProvider,
  ProviderCreditNote,
  ProviderEvent,
  ProviderInvoice,
  ProviderInvoiceStatus,
  ProviderPayment,
  ProviderRefund,
  RefundOrder,
} from '../payments/payment-provider.js';
import { PAYMENT_ERRORS } from '../payments/payments.errors.js';
import { assertCollectable, assertSum, linesWithoutZeros } from './collectable.js';
import { idOf, providerEventOf } from './event.js';
import { paymentSettingsFor } from './payment-methods.js';

export interface StripeOptions {
  apiKey: string;
  webhookSecret: string;
  /** Instead of Stripe's own address: that of a fake or a proxy. */
  apiUrl?: string;
  /** Stripe Tax adds the tax of every invoice. Ours must then have none. */
  stripeTax?: boolean;
  /** In Stripe's test mode: the clock that new customers go by. */
  testClockId?: string;
  timeoutMilliseconds?: number;
  /** Of the SDK itself, with equal keys; the worker's messages come again after that. */
  retries?: number;
}

/** Names of Stripe's metadata that hold our ids: what was made is found by them when no idempotency key is remembered any more. */
const OURS = {
  organization: 'forkpoint_organization',
  invoice: 'forkpoint_invoice',
  line: 'forkpoint_line',
  creditNote: 'forkpoint_credit_note',
  refund: 'forkpoint_refund',
} as const;

/** Lines in one call, well below what Stripe takes. */
const LINES_PER_CALL = 100;
const PAGE = 100;
const SIGNATURE_TOLERANCE_SECONDS = 300;

/** Stripe as the one who collects. Of our invoice it gets the lines, and it neither prices nor meters. */
export class StripeProvider implements PaymentProvider {
  private readonly stripe: Stripe;

  constructor(private readonly options: StripeOptions) {
    const { apiKey, apiUrl, timeoutMilliseconds: timeout = 20_000, retries: maxNetworkRetries = 2 } = options;
    this.stripe = new Stripe(apiKey, { ...addressOf(apiUrl), timeout, maxNetworkRetries, telemetry: false });
  }

  async ensureCustomer({ organizationId, name, email }: Payer): Promise<string> {
    const query = `metadata['${OURS.organization}']:'${organizationId}'`;
    // Stripe's search is some seconds behind: until then the key answers.
    const { data } = await this.stripe.customers.search({ query, limit: 1 });
    if (data[0]) return data[0].id;
    const made = await this.stripe.customers.create(
      {
        name,
        ...(email === null ? {} : { email }),
        ...(this.options.testClockId ? { test_clock: this.options.testClockId } : {}),
        metadata: { [OURS.organization]: organizationId },
      },
      keyOf(organizationId, 'customer'),
    );
    return made.id;
  }

  async issueInvoice(invoice: PayableInvoice, customerId: string): Promise<ProviderInvoice> {
    assertCollectable(invoice, { stripeTax: this.options.stripeTax ?? false });
    const found = (await this.findInvoice(customerId, invoice.id)) ?? (await this.draft(invoice, customerId));
    if (found.status !== 'draft') return providerInvoiceOf(found);
    await this.addLines(found.id, invoice);
    const drafted = await this.stripe.invoices.retrieve(found.id);
    assertSum(invoice, 'at the provider', BigInt(drafted.total_excluding_tax ?? drafted.total));
    const issued = await this.stripe.invoices.finalizeInvoice(
      found.id,
      { auto_advance: false },
      keyOf(invoice.id, 'finalize'),
    );
    return providerInvoiceOf(issued);
  }

  async invoice(providerInvoiceId: string): Promise<ProviderInvoice> {
    return providerInvoiceOf(await this.stripe.invoices.retrieve(providerInvoiceId));
  }

  async payments(providerInvoiceId: string): Promise<ProviderPayment[]> {
    const payments: ProviderPayment[] = [];
    for await (const each of this.stripe.invoicePayments.list({ invoice: providerInvoiceId, limit: PAGE })) {
      const { id, status, amount_paid, status_transitions, payment } = each;
      if (status !== 'paid' || !amount_paid) continue;
      const refundableId = idOf(payment.payment_intent);
      payments.push({
        id,
        refundableId,
        amountMinor: BigInt(amount_paid),
        paidAt: dateOf(status_transitions.paid_at ?? each.created),
        bouncedAt: refundableId === null ? null : await this.bouncedAt(refundableId, amount_paid),
      });
    }
    return payments;
  }

  async voidInvoice(providerInvoiceId: string): Promise<ProviderInvoice> {
    const found = await this.invoice(providerInvoiceId);
    if (found.status === 'void' || found.status === 'paid') return found;
    const voided = await this.stripe.invoices.voidInvoice(providerInvoiceId, {}, keyOf(providerInvoiceId, 'void'));
    return providerInvoiceOf(voided);
  }

  async markUncollectible(providerInvoiceId: string): Promise<ProviderInvoice> {
    const found = await this.invoice(providerInvoiceId);
    if (found.status !== 'open') return found;
    const key = keyOf(providerInvoiceId, 'uncollectible');
    return providerInvoiceOf(await this.stripe.invoices.markUncollectible(providerInvoiceId, {}, key));
  }

  async creditNote({ creditNoteId, providerInvoiceId, lines, paidMinor, reason }: ProviderCreditNote): Promise<string> {
    for await (const note of this.stripe.creditNotes.list({ invoice: providerInvoiceId, limit: PAGE })) {
      if (note.metadata?.[OURS.creditNote] === creditNoteId) return note.id;
    }
    const theirs = await this.linesByOurs(providerInvoiceId);
    const made = await this.stripe.creditNotes.create(
      {
        invoice: providerInvoiceId,
        lines: lines.map(({ lineId, amountMinor }) => {
          const line = theirs.get(lineId);
          if (!line) throw PAYMENT_ERRORS.PAYMENT_LINE_UNKNOWN({ lineId, providerInvoiceId });
          return { type: 'invoice_line_item', invoice_line_item: line, amount: Number(amountMinor) };
        }),
        // We hold what was paid too much and decide on refunds: Stripe keeps no balance for the customer.
        ...(paidMinor > 0n ? { out_of_band_amount: Number(paidMinor) } : {}),
        memo: reason,
        metadata: { [OURS.creditNote]: creditNoteId },
      },
      keyOf(creditNoteId, 'credit-note'),
    );
    return made.id;
  }

  async refund({ refundId, refundableId, amountMinor }: RefundOrder): Promise<ProviderRefund> {
    const there = (await this.refunds(refundableId)).find((refund) => refund.refundId === refundId);
    if (there) return there;
    try {
      const made = await this.stripe.refunds.create(
        { payment_intent: refundableId, amount: Number(amountMinor), metadata: { [OURS.refund]: refundId } },
        keyOf(refundId, 'refund'),
      );
      return providerRefundOf(made);
    } catch (cause) {
      throw isRefusal(cause)
        ? PAYMENT_ERRORS.PAYMENT_REFUND_REFUSED({ refundId, reason: cause.message }, { cause })
        : cause;
    }
  }

  async refunds(refundableId: string): Promise<ProviderRefund[]> {
    const refunds: ProviderRefund[] = [];
    for await (const refund of this.stripe.refunds.list({ payment_intent: refundableId, limit: PAGE }))
      refunds.push(providerRefundOf(refund));
    return refunds;
  }

  async billingPortalUrl(customerId: string, returnUrl: string): Promise<string> {
    const session = await this.stripe.billingPortal.sessions.create({ customer: customerId, return_url: returnUrl });
    return session.url;
  }

  async *invoicesSince(instant: Date): AsyncIterable<ProviderInvoice> {
    const since = { created: { gte: secondsOf(instant) }, limit: PAGE };
    for await (const invoice of this.stripe.invoices.list(since)) yield providerInvoiceOf(invoice);
  }

  async *refundsSince(instant: Date): AsyncIterable<ProviderRefund> {
    const since = { created: { gte: secondsOf(instant) }, limit: PAGE };
    for await (const refund of this.stripe.refunds.list(since)) yield providerRefundOf(refund);
  }

  verifyWebhook(body: Buffer | string, signature: string): ProviderEvent {
    const { webhookSecret } = this.options;
    try {
      const event = this.stripe.webhooks.constructEvent(body, signature, webhookSecret, SIGNATURE_TOLERANCE_SECONDS);
      return providerEventOf(event, body);
    } catch (cause) {
      throw PAYMENT_ERRORS.PAYMENT_SIGNATURE_INVALID({ cause });
    }
  }

  /** The money goes when a dispute is opened, and comes back if it is won: a lost one is final. One about a part is for a person to book. */
  private async bouncedAt(paymentIntent: string, amount: number): Promise<Date | null> {
    for await (const dispute of this.stripe.disputes.list({ payment_intent: paymentIntent, limit: PAGE })) {
      if (dispute.status === 'lost' && dispute.amount >= amount) return dateOf(dispute.created);
    }
    return null;
  }

  private async findInvoice(customerId: string, invoiceId: string): Promise<Stripe.Invoice | null> {
    for await (const invoice of this.stripe.invoices.list({ customer: customerId, limit: PAGE })) {
      if (invoice.metadata?.[OURS.invoice] === invoiceId) return invoice;
    }
    return null;
  }

  private draft(invoice: PayableInvoice, customerId: string): Promise<Stripe.Invoice> {
    const { id, organizationId, currency, paymentDays, purchaseOrderNumber } = invoice;
    return this.stripe.invoices.create(
      {
        customer: customerId,
        currency: currency.toLowerCase(),
        // Dunning is ours: nothing is charged, retried or sent by itself.
        auto_advance: false,
        collection_method: 'send_invoice',
        // Days and no date, which could be past where what is due at once is handed over late. Dunning goes by our own.
        days_until_due: paymentDays,
        pending_invoice_items_behavior: 'exclude',
        automatic_tax: { enabled: this.options.stripeTax ?? false },
        payment_settings: paymentSettingsFor(currency),
        ...(purchaseOrderNumber === null
          ? {}
          : { custom_fields: [{ name: 'Purchase order', value: purchaseOrderNumber }] }),
        metadata: { [OURS.invoice]: id, [OURS.organization]: organizationId },
      },
      keyOf(id, 'invoice'),
    );
  }

  /** Lines that are there already, after a failure in between, stay. The parts are the same each time, so a part's key is too. */
  private async addLines(providerInvoiceId: string, invoice: PayableInvoice): Promise<void> {
    const there = await this.linesByOurs(providerInvoiceId);
    const lines = linesWithoutZeros(invoice);
    for (let from = 0; from < lines.length; from += LINES_PER_CALL) {
      const part = lines.slice(from, from + LINES_PER_CALL);
      // One call adds all of its lines or none.
      if (part.every(({ id }) => there.has(id))) continue;
      await this.stripe.invoices.addLines(
        providerInvoiceId,
        { lines: part.map(lineParametersOf) },
        keyOf(invoice.id, `lines-${from}`),
      );
    }
  }

  /** Stripe's ids of the lines, by ours. */
  private async linesByOurs(providerInvoiceId: string): Promise<Map<string, string>> {
    const lines = new Map<string, string>();
    for await (const line of this.stripe.invoices.listLineItems(providerInvoiceId, { limit: PAGE })) {
      const id = line.metadata[OURS.line];
      if (id) lines.set(id, line.id);
    }
    return lines;
  }
}

/** Of our ids and what is done, never of an attempt or a time: the same act has the same key whenever it is tried. */
function keyOf(id: string, act: string): { idempotencyKey: string } {
  return { idempotencyKey: `forkpoint/${id}/${act}` };
}

function lineParametersOf({ id, description, amountMinor, period }: PayableLine) {
  return {
    amount: Number(amountMinor),
    description,
    period: { start: secondsOf(period.from), end: secondsOf(period.to) },
    // Discounts are in our amounts already; Stripe has none to add.
    discountable: false,
    metadata: { [OURS.line]: id },
  };
}

function providerInvoiceOf(invoice: Stripe.Invoice): ProviderInvoice {
  const { id, metadata, currency, total, total_excluding_tax, amount_paid, attempt_count, status, created } = invoice;
  return {
    id,
    invoiceId: metadata?.[OURS.invoice] ?? null,
    currency: currency.toUpperCase(),
    totalMinor: BigInt(total_excluding_tax ?? total),
    paidMinor: BigInt(amount_paid),
    status: statusOf(id, status),
    attempts: attempt_count,
    hostedUrl: invoice.hosted_invoice_url ?? null,
    createdAt: dateOf(created),
  };
}

/** Nothing was done, and nothing will be by trying again. A payment that is not found (404) may be looked for with the key of another account. */
function isRefusal(error: unknown): error is Stripe.errors.StripeInvalidRequestError {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 400;
}

function providerRefundOf(refund: Stripe.Refund): ProviderRefund {
  const { id, metadata, payment_intent, amount, failure_reason } = refund;
  const state = refundStateOf(id, refund.status);
  return {
    id,
    refundId: metadata?.[OURS.refund] ?? null,
    refundableId: idOf(payment_intent),
    amountMinor: BigInt(amount),
    state,
    failure: state === 'failed' ? (failure_reason ?? refund.status) : null,
  };
}

/** `requires_action`: the customer is asked where the money is to go. Cancelled by whoever has waited for that in vain. */
const REFUND_STATES: Record<string, ProviderRefund['state']> = {
  pending: 'pending',
  requires_action: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

function refundStateOf(id: string, status: string | null): ProviderRefund['state'] {
  const known = REFUND_STATES[status ?? ''];
  if (!known) throw new Error(`${id} has the status ${status}, which is not known here`);
  return known;
}

const STATUSES: readonly ProviderInvoiceStatus[] = ['draft', 'open', 'uncollectible', 'void', 'paid'];

/** What a newer API may say beyond these has no meaning here yet: better to stop than to take it for one of them. */
function statusOf(id: string, status: string | null): ProviderInvoiceStatus {
  const known = STATUSES.find((each) => each === status);
  if (!known) throw new Error(`${id} has the status ${status}, which is not known here`);
  return known;
}

/** Where the SDK is to look; Stripe's own address if nothing is said. */
export function addressOf(apiUrl: string | undefined) {
  if (!apiUrl) return {};
  const { hostname: host, port, protocol } = new URL(apiUrl);
  const scheme = protocol === 'http:' ? ('http' as const) : ('https' as const);
  return { host, port: port || (scheme === 'http' ? 80 : 443), protocol: scheme };
}

const secondsOf = (instant: Date): number => Math.floor(instant.getTime() / 1000);
const dateOf = (seconds: number): Date => new Date(seconds * 1000);
