import { systemClock } from '#libs/kernel';
import { declined, invalid, missing } from './errors.js';
import { type Form, formOf, integerOf, listOf, metadataOf, textOf } from './form.js';
import * as objects from './objects.js';

type Customer = ReturnType<typeof objects.customer>;
type PortalSession = ReturnType<typeof objects.portalSession>;

export interface Payment {
  /** What is left to pay, unless said. */
  amount?: number;
  /** A card's refusal, by Stripe's decline code: nothing is paid. */
  decline?: string;
}

/** Amounts in these have three decimals, of which Stripe takes only tens. */
const THREE_DECIMALS = new Set(['kwd', 'bhd', 'jod', 'omr', 'tnd']);
const DAY_SECONDS = 86_400;
const SETTLED: readonly string[] = ['paid', 'void'];

/** What one Stripe account holds, and what may be done to it. Everything that is done tells its events. */
export class FakeAccount {
  readonly customers = new Map<string, Customer>();
  readonly invoices = new Map<string, objects.Invoice>();
  readonly items = new Map<string, objects.InvoiceItem>();
  readonly paymentIntents = new Map<string, objects.PaymentIntent>();
  readonly invoicePayments = new Map<string, objects.InvoicePayment>();
  readonly creditNotes = new Map<string, objects.CreditNote>();
  readonly refunds = new Map<string, objects.Refund>();
  readonly disputes = new Map<string, objects.Dispute>();
  readonly testClocks = new Map<string, objects.TestClock>();
  /** In the order in which they came about. */
  readonly events: objects.FakeEvent[] = [];
  /** How refunds are when they are made: cards are refunded at once, by what is known then; bank transfers later. */
  refundsBegin: 'succeeded' | 'pending' | 'requires_action' = 'succeeded';
  private made = 0;

  /** `origin` is where pages that people open are served. */
  constructor(private readonly origin: () => string) {}

  createCustomer(form: Form): Customer {
    const clock = textOf(form, 'test_clock');
    if (clock) get(this.testClocks, 'test clock', clock);
    const customer = objects.customer({
      id: this.id('cus'),
      created: this.now(clock),
      name: textOf(form, 'name'),
      email: textOf(form, 'email'),
      metadata: metadataOf(form),
      test_clock: clock,
    });
    return this.keep(this.customers, customer, 'customer.created');
  }

  createInvoice(form: Form): objects.Invoice {
    const customer = get(this.customers, 'customer', textOf(form, 'customer') ?? '');
    const currency = textOf(form, 'currency') ?? 'usd';
    const collection = textOf(form, 'collection_method') ?? 'charge_automatically';
    if (collection !== 'charge_automatically' && collection !== 'send_invoice')
      throw invalid('Invalid collection_method.', { param: 'collection_method' });
    const created = this.now(customer.test_clock);
    const invoice = objects.draftInvoice({
      id: this.id('in'),
      created,
      customer: customer.id,
      currency,
      metadata: metadataOf(form),
      test_clock: customer.test_clock ?? null,
      collection_method: collection,
      due_date: dueDateOf(form, created),
      auto_advance: textOf(form, 'auto_advance') === 'true',
      custom_fields: customFieldsOf(form),
      payment_settings: paymentSettingsOf(form),
      automatic_tax: automaticTaxOf(form),
    });
    return this.keep(this.invoices, invoice, 'invoice.created');
  }

  addLines(invoiceId: string, form: Form): objects.Invoice {
    const invoice = this.invoice(invoiceId);
    if (invoice.status !== 'draft') throw invalid("You can't add lines to an invoice that is not a draft.");
    const lines = listOf(form, 'lines') as Form[];
    for (const line of lines) {
      if (integerOf(line, 'amount') === null)
        throw invalid('Missing required param: lines[amount].', { param: 'lines' });
    }
    for (const line of lines) this.addItem(invoice, line);
    this.total(invoice);
    this.tell('invoice.updated', invoice);
    return invoice;
  }

  private addItem(invoice: objects.Invoice, form: Form): void {
    const { created, currency, customer } = invoice;
    const period = formOf(form, 'period');
    const item = objects.invoiceItem({
      id: this.id('ii'),
      amount: integerOf(form, 'amount') as number,
      currency,
      customer,
      date: created,
      description: textOf(form, 'description'),
      invoice: invoice.id,
      period: { start: integerOf(period, 'start') ?? created, end: integerOf(period, 'end') ?? created },
      metadata: metadataOf(form),
    });
    this.keep(this.items, item, 'invoiceitem.created');
    invoice.lines.data.push(objects.lineItem(item));
  }

  private total(invoice: objects.Invoice): void {
    const total = invoice.lines.data.reduce((sum, { amount }) => sum + amount, 0);
    for (const figure of ['subtotal', 'subtotal_excluding_tax', 'total', 'total_excluding_tax'] as const)
      invoice[figure] = total;
    invoice.amount_due = Math.max(total, 0);
    invoice.amount_remaining = invoice.amount_due - invoice.amount_paid;
  }

  finalize(invoiceId: string): objects.Invoice {
    const invoice = this.invoice(invoiceId);
    if (invoice.status !== 'draft')
      throw invalid('This invoice is already finalized.', { code: 'invoice_not_editable' });
    if (THREE_DECIMALS.has(invoice.currency) && invoice.amount_due % 10 !== 0)
      throw invalid('Amounts in three-decimal currencies must be divisible by ten.', { param: 'amount' });
    const at = this.now(invoice.test_clock);
    invoice.status = 'open';
    invoice.number = `FAKE-${invoice.id.slice(-8)}`;
    invoice.effective_at = at;
    invoice.status_transitions.finalized_at = at;
    invoice.hosted_invoice_url = `${this.origin()}/i/${invoice.id}`;
    invoice.invoice_pdf = `${this.origin()}/i/${invoice.id}/pdf`;
    this.tell('invoice.finalized', invoice);
    if (invoice.amount_due === 0) this.settle(invoice);
    else this.requestPayment(invoice, invoice.amount_remaining, true);
    return invoice;
  }

  void(invoiceId: string): objects.Invoice {
    return this.conclude(invoiceId, 'void', 'voided_at', 'invoice.voided');
  }

  markUncollectible(invoiceId: string): objects.Invoice {
    return this.conclude(invoiceId, 'uncollectible', 'marked_uncollectible_at', 'invoice.marked_uncollectible');
  }

  private conclude(
    invoiceId: string,
    status: 'void' | 'uncollectible',
    at: 'voided_at' | 'marked_uncollectible_at',
    event: string,
  ): objects.Invoice {
    const invoice = this.invoice(invoiceId);
    if (invoice.status === 'draft' || SETTLED.includes(invoice.status) || invoice.status === status)
      throw invalid(`This invoice is ${invoice.status} and can't become ${status}.`, { code: 'invoice_not_editable' });
    invoice.status = status;
    invoice.status_transitions[at] = this.now(invoice.test_clock);
    this.tell(event, invoice);
    return invoice;
  }

  /** As the customer pays on the hosted page, by card or by a transfer that may be of a part. */
  pay(invoiceId: string, { amount, decline }: Payment = {}): objects.Invoice {
    const invoice = this.invoice(invoiceId);
    if (invoice.status !== 'open' && invoice.status !== 'uncollectible')
      throw invalid(`This invoice is ${invoice.status} and can't be paid.`);
    invoice.attempted = true;
    invoice.attempt_count += 1;
    const payment = this.openPaymentOf(invoice, amount ?? invoice.amount_remaining);
    if (decline) throw this.refuse(invoice, payment, decline);
    this.receive(invoice, payment);
    return invoice;
  }

  private openPaymentOf(invoice: objects.Invoice, amount: number): objects.InvoicePayment {
    const open = [...this.invoicePayments.values()].find(
      (each) => each.invoice === invoice.id && each.status === 'open',
    );
    if (open) {
      open.amount_requested = amount;
      this.intentOf(open).amount = amount;
    }
    return open ?? this.requestPayment(invoice, amount, false);
  }

  private requestPayment(invoice: objects.Invoice, amount: number, isDefault: boolean): objects.InvoicePayment {
    const { currency, customer } = invoice;
    const created = this.now(invoice.test_clock);
    const intent = objects.paymentIntent({ id: this.id('pi'), amount, created, currency, customer });
    this.keep(this.paymentIntents, intent, 'payment_intent.created');
    const payment = objects.invoicePayment({
      id: this.id('inpay'),
      amount_requested: amount,
      created,
      currency,
      invoice: invoice.id,
      is_default: isDefault,
      paymentIntent: intent.id,
    });
    this.invoicePayments.set(payment.id, payment);
    return payment;
  }

  private refuse(invoice: objects.Invoice, payment: objects.InvoicePayment, code: string): Error {
    const failure = declined(code);
    const intent = this.intentOf(payment);
    intent.last_payment_error = {
      type: 'card_error',
      code: 'card_declined',
      decline_code: code,
      message: failure.message,
    };
    this.tell('payment_intent.payment_failed', intent);
    this.tell('invoice.payment_failed', invoice);
    return failure;
  }

  private receive(invoice: objects.Invoice, payment: objects.InvoicePayment): void {
    const amount = payment.amount_requested;
    const intent = this.intentOf(payment);
    intent.status = 'succeeded';
    intent.amount_received = amount;
    intent.latest_charge = this.id('ch');
    intent.last_payment_error = null;
    payment.status = 'paid';
    payment.amount_paid = amount;
    payment.status_transitions.paid_at = this.now(invoice.test_clock);
    invoice.amount_paid += amount;
    invoice.amount_remaining = Math.max(invoice.amount_due - invoice.amount_paid, 0);
    invoice.amount_overpaid = Math.max(invoice.amount_paid - invoice.amount_due, 0);
    this.tell('payment_intent.succeeded', intent);
    this.tell('invoice_payment.paid', payment);
    if (invoice.amount_remaining === 0) this.settle(invoice);
    else this.tell('invoice.updated', invoice);
  }

  private settle(invoice: objects.Invoice): void {
    invoice.status = 'paid';
    invoice.status_transitions.paid_at = this.now(invoice.test_clock);
    this.tell('invoice.paid', invoice);
    this.tell('invoice.payment_succeeded', invoice);
  }

  createCreditNote(form: Form): objects.CreditNote {
    const invoice = this.invoice(textOf(form, 'invoice') ?? '');
    if (invoice.status !== 'open' && invoice.status !== 'paid')
      throw invalid(`A credit note can't be issued for an invoice that is ${invoice.status}.`);
    const lines = (listOf(form, 'lines') as Form[]).map((line) => this.creditedLine(invoice, line));
    const amount =
      lines.length > 0 ? lines.reduce((sum, line) => sum + line.amount, 0) : (integerOf(form, 'amount') ?? 0);
    const onInvoice = Math.min(amount, invoice.amount_remaining);
    const outside = integerOf(form, 'out_of_band_amount');
    if (amount <= 0 || amount > invoice.total) throw invalid('The amount must be above zero and within the invoice.');
    if (amount - onInvoice !== (outside ?? 0))
      throw invalid('The sum of credit amount, refund amount and out of band amount must equal what was paid of it.');
    const id = this.id('cn');
    const note = objects.creditNote({
      id,
      amount,
      created: this.now(invoice.test_clock),
      currency: invoice.currency,
      customer: invoice.customer,
      invoice: invoice.id,
      memo: textOf(form, 'memo'),
      metadata: metadataOf(form),
      number: `${invoice.number}-CN-${id.slice(-2)}`,
      pre_payment_amount: onInvoice,
      post_payment_amount: amount - onInvoice,
      out_of_band_amount: outside,
      lines: objects.listed(`/v1/credit_notes/${id}/lines`, lines),
    });
    invoice.pre_payment_credit_notes_amount += onInvoice;
    invoice.post_payment_credit_notes_amount += amount - onInvoice;
    invoice.amount_due -= onInvoice;
    invoice.amount_remaining -= onInvoice;
    this.keep(this.creditNotes, note, 'credit_note.created');
    if (invoice.status === 'open' && invoice.amount_remaining === 0) this.settle(invoice);
    return note;
  }

  private creditedLine(invoice: objects.Invoice, form: Form): objects.CreditNoteLine {
    const lineId = textOf(form, 'invoice_line_item') ?? '';
    const line = invoice.lines.data.find(({ id }) => id === lineId);
    const amount = integerOf(form, 'amount') ?? 0;
    if (!line) throw missing('invoice line item', lineId);
    if (amount <= 0 || amount > line.amount) throw invalid('A line is credited at most what it amounts to.');
    return objects.creditNoteLine({
      id: this.id('cnli'),
      amount,
      description: line.description,
      invoice_line_item: lineId,
    });
  }

  createRefund(form: Form): objects.Refund {
    const intent = get(this.paymentIntents, 'payment_intent', textOf(form, 'payment_intent') ?? '');
    if ([...this.disputes.values()].some((each) => each.payment_intent === intent.id && each.status !== 'won'))
      throw invalid('This charge has been charged back and cannot be refunded.', { code: 'charge_disputed' });
    const before = [...this.refunds.values()].filter(
      ({ payment_intent, status }) => payment_intent === intent.id && status !== 'failed' && status !== 'canceled',
    );
    const left = intent.amount_received - before.reduce((sum, each) => sum + each.amount, 0);
    const amount = integerOf(form, 'amount') ?? left;
    if (amount <= 0 || amount > left)
      throw invalid(`Refund amount (${amount}) is greater than unrefunded amount (${left}).`, { param: 'amount' });
    const refund = objects.refund({
      id: this.id('re'),
      amount,
      created: this.now(null),
      currency: intent.currency,
      metadata: metadataOf(form),
      payment_intent: intent.id,
      charge: intent.latest_charge,
      status: this.refundsBegin,
    });
    return this.keep(this.refunds, refund, 'refund.created');
  }

  /** What a bank makes of a refund in the end; it may send back what had succeeded. */
  settleRefund(refundId: string, status: 'succeeded' | 'failed' | 'canceled'): void {
    const refund = get(this.refunds, 'refund', refundId);
    refund.status = status;
    if (status !== 'succeeded') refund.failure_reason = status === 'failed' ? 'expired_or_canceled_card' : 'unknown';
    this.tell('refund.updated', refund);
    if (status === 'failed') this.tell('refund.failed', refund);
  }

  /** As the customer tells its bank that the last payment of an invoice was none of its own: the money goes at once. */
  dispute(invoiceId: string): objects.Dispute {
    const payment = [...this.invoicePayments.values()].findLast(
      ({ invoice, status }) => invoice === invoiceId && status === 'paid',
    );
    if (!payment) throw invalid('Nothing was paid of this invoice.');
    const { id, amount_received: amount, currency, latest_charge } = this.intentOf(payment);
    const charge = latest_charge as string;
    const dispute = objects.dispute({
      id: this.id('du'),
      amount,
      charge,
      created: this.now(null),
      currency,
      payment_intent: id,
    });
    return this.keep(this.disputes, dispute, 'charge.dispute.created');
  }

  /** What the bank decides in the end. */
  closeDispute(disputeId: string, status: 'won' | 'lost'): void {
    const dispute = get(this.disputes, 'dispute', disputeId);
    dispute.status = status;
    this.tell('charge.dispute.closed', dispute);
  }

  createPortalSession(form: Form): PortalSession {
    const { id: customer } = get(this.customers, 'customer', textOf(form, 'customer') ?? '');
    const id = this.id('bps');
    const url = `${this.origin()}/p/session/${id}`;
    return objects.portalSession({
      id,
      created: this.now(null),
      customer,
      return_url: textOf(form, 'return_url'),
      url,
    });
  }

  createTestClock(form: Form): objects.TestClock {
    const frozen_time = integerOf(form, 'frozen_time') ?? this.now(null);
    const clock = objects.testClock({
      id: this.id('clock'),
      created: this.now(null),
      frozen_time,
      name: textOf(form, 'name'),
    });
    this.testClocks.set(clock.id, clock);
    return clock;
  }

  advance(clockId: string, form: Form): objects.TestClock {
    const clock = get(this.testClocks, 'test clock', clockId);
    const to = integerOf(form, 'frozen_time') ?? 0;
    if (to <= clock.frozen_time) throw invalid('A test clock only goes forward.', { param: 'frozen_time' });
    clock.frozen_time = to;
    return clock;
  }

  /** Its customers go with it, and their invoices. */
  deleteTestClock(clockId: string): object {
    get(this.testClocks, 'test clock', clockId);
    for (const kept of [this.customers, this.invoices]) {
      for (const [id, { test_clock }] of kept) if (test_clock === clockId) kept.delete(id);
    }
    this.testClocks.delete(clockId);
    return { id: clockId, object: 'test_helpers.test_clock', deleted: true };
  }

  invoice(id: string): objects.Invoice {
    return get(this.invoices, 'invoice', id);
  }

  private intentOf({ payment }: objects.InvoicePayment): objects.PaymentIntent {
    return get(this.paymentIntents, 'payment_intent', payment.payment_intent as string);
  }

  private keep<T extends { id: string; object: string }>(kept: Map<string, T>, made: T, event: string): T {
    kept.set(made.id, made);
    this.tell(event, made);
    return made;
  }

  /** An event has the object as it was then. */
  private tell(type: string, object: { id: string; object: string; test_clock?: unknown }): void {
    const clock = typeof object.test_clock === 'string' ? object.test_clock : null;
    this.events.push({
      id: this.id('evt'),
      object: 'event',
      api_version: objects.API_VERSION,
      created: this.now(clock),
      data: { object: structuredClone(object) },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
    });
  }

  /** In seconds, as Stripe's times are. */
  private now(clockId: unknown): number {
    const clock = typeof clockId === 'string' ? this.testClocks.get(clockId) : undefined;
    return clock?.frozen_time ?? Math.floor(systemClock.now().getTime() / 1000);
  }

  private id(prefix: string): string {
    this.made += 1;
    return `${prefix}_fake${String(this.made).padStart(10, '0')}`;
  }
}

export function get<T>(kept: ReadonlyMap<string, T>, what: string, id: string): T {
  const found = kept.get(id);
  if (!found) throw missing(what, id);
  return found;
}

/** A date, or days from when it was made. */
function dueDateOf(form: Form, created: number): number | null {
  const days = integerOf(form, 'days_until_due');
  return days === null ? integerOf(form, 'due_date') : created + days * DAY_SECONDS;
}

function customFieldsOf(form: Form): objects.Invoice['custom_fields'] {
  const fields = (listOf(form, 'custom_fields') as Form[]).map((field) => {
    return { name: textOf(field, 'name') ?? '', value: textOf(field, 'value') ?? '' };
  });
  return fields.length > 0 ? fields : null;
}

function paymentSettingsOf(form: Form): objects.Invoice['payment_settings'] {
  const types = listOf(formOf(form, 'payment_settings'), 'payment_method_types');
  type Settings = objects.Invoice['payment_settings'];
  return {
    default_mandate: null,
    payment_method_options: null,
    payment_method_types: types.length > 0 ? (types as Settings['payment_method_types']) : null,
  };
}

function automaticTaxOf(form: Form): objects.Invoice['automatic_tax'] {
  const enabled = textOf(formOf(form, 'automatic_tax'), 'enabled') === 'true';
  // Nothing is computed here: whoever switches Stripe Tax on has to try it on Stripe.
  return { enabled, disabled_reason: null, liability: enabled ? { type: 'self' } : null, provider: null, status: null };
}
