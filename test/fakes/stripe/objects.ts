import type Stripe from 'stripe';

/*
 * Stripe's objects as its API gives them. `satisfies` holds each to the SDK's types when this is compiled; the spec holds them to Stripe's
 * own example objects where these are at hand.
 */

type ObjectOf<T, Changed extends object = object> = Omit<T, keyof Changed> & Changed;

/** The SDK makes its own decimals of these; on the wire they are text. */
export type InvoiceItem = ObjectOf<Stripe.InvoiceItem, { quantity_decimal: string; metadata: Metadata }>;
export type LineItem = ObjectOf<Stripe.InvoiceLineItem, { quantity_decimal: string; pricing: null }>;
export type Invoice = ObjectOf<
  Stripe.Invoice,
  { customer: string; metadata: Metadata; status: Stripe.Invoice.Status; lines: List<LineItem> }
>;
export type CreditNoteLine = ObjectOf<Stripe.CreditNoteLineItem, { unit_amount_decimal: null }>;
export type CreditNote = ObjectOf<
  Stripe.CreditNote,
  { invoice: string; lines: List<CreditNoteLine>; metadata: Metadata }
>;
export type InvoicePayment = ObjectOf<Stripe.InvoicePayment, { invoice: string }>;
export type Refund = ObjectOf<Stripe.Refund, { payment_intent: string; metadata: Metadata }>;
export type Metadata = Record<string, string>;
export type List<T> = { object: 'list'; data: T[]; has_more: boolean; url: string };

export const listed = <T>(url: string, data: T[]): List<T> => ({ object: 'list', data, has_more: false, url });

export function customer(
  given: Pick<Stripe.Customer, 'id' | 'created' | 'name' | 'email' | 'metadata' | 'test_clock'>,
) {
  return {
    object: 'customer',
    address: null,
    balance: 0,
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    invoice_prefix: given.id.slice(-8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    ...given,
  } satisfies Stripe.Customer;
}

export function draftInvoice(
  given: Pick<Invoice, 'id' | 'created' | 'customer' | 'currency' | 'metadata' | 'test_clock'> &
    Pick<
      Invoice,
      'due_date' | 'collection_method' | 'auto_advance' | 'custom_fields' | 'payment_settings' | 'automatic_tax'
    >,
): Invoice {
  return {
    object: 'invoice',
    account_country: 'US',
    account_name: 'Fake',
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    automatically_finalizes_at: null,
    billing_reason: 'manual',
    customer_account: null,
    customer_address: null,
    customer_email: null,
    customer_name: null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: listed(`/v1/invoices/${given.id}/lines`, []),
    livemode: false,
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: null,
    period_end: given.created,
    period_start: given.created,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
    ...given,
  } satisfies Omit<Stripe.Invoice, 'lines'> & { lines: List<LineItem> };
}

export function invoiceItem(
  given: Pick<
    InvoiceItem,
    'id' | 'amount' | 'currency' | 'customer' | 'date' | 'description' | 'invoice' | 'period' | 'metadata'
  >,
): InvoiceItem {
  return {
    object: 'invoiceitem',
    customer_account: null,
    discountable: false,
    discounts: [],
    livemode: false,
    net_amount: given.amount,
    parent: null,
    pricing: null,
    proration: false,
    quantity: 1,
    quantity_decimal: '1',
    tax_rates: [],
    test_clock: null,
    ...given,
  } satisfies Omit<Stripe.InvoiceItem, 'quantity_decimal'> & { quantity_decimal: string };
}

/** As the item shows on its invoice. */
export function lineItem(item: InvoiceItem): LineItem {
  const { id, amount, currency, description, metadata, period } = item;
  return {
    id: id.replace('ii_', 'il_'),
    object: 'line_item',
    amount,
    currency,
    description,
    discount_amounts: [],
    discountable: false,
    discounts: [],
    invoice: item.invoice as string,
    livemode: false,
    metadata,
    parent: {
      type: 'invoice_item_details',
      invoice_item_details: { invoice_item: id, proration: false, proration_details: null, subscription: null },
      subscription_item_details: null,
    },
    period,
    pretax_credit_amounts: [],
    pricing: null,
    quantity: 1,
    quantity_decimal: '1',
    subscription: null,
    subtotal: amount,
    taxes: [],
  } satisfies Omit<Stripe.InvoiceLineItem, 'quantity_decimal'> & { quantity_decimal: string };
}

export function paymentIntent(
  given: Pick<Stripe.PaymentIntent, 'id' | 'amount' | 'created' | 'currency' | 'customer'>,
) {
  return {
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${given.id}_secret`,
    confirmation_method: 'automatic',
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null as Stripe.PaymentIntent.LastPaymentError | null,
    latest_charge: null as string | null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card', 'customer_balance'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method' as Stripe.PaymentIntent.Status,
    transfer_data: null,
    transfer_group: null,
    ...given,
  } satisfies Stripe.PaymentIntent;
}
export type PaymentIntent = ReturnType<typeof paymentIntent>;

export function invoicePayment(
  given: Pick<InvoicePayment, 'id' | 'amount_requested' | 'created' | 'currency' | 'invoice' | 'is_default'> & {
    paymentIntent: string;
  },
): InvoicePayment {
  const { paymentIntent: payment_intent, ...rest } = given;
  return {
    object: 'invoice_payment',
    amount_paid: null,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
    ...rest,
  } satisfies Stripe.InvoicePayment;
}

export function creditNote(
  given: Pick<
    CreditNote,
    'id' | 'amount' | 'created' | 'currency' | 'customer' | 'invoice' | 'memo' | 'metadata' | 'number'
  > &
    Pick<CreditNote, 'pre_payment_amount' | 'post_payment_amount' | 'lines' | 'out_of_band_amount'>,
): CreditNote {
  return {
    object: 'credit_note',
    amount_shipping: 0,
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: given.created,
    livemode: false,
    pdf: `https://pay.stripe.example/credit_notes/${given.id}/pdf`,
    pretax_credit_amounts: [],
    reason: null,
    refunds: [],
    shipping_cost: null,
    status: 'issued',
    subtotal: given.amount,
    subtotal_excluding_tax: given.amount,
    total: given.amount,
    total_excluding_tax: given.amount,
    total_taxes: [],
    type: given.post_payment_amount > 0 ? 'post_payment' : 'pre_payment',
    voided_at: null,
    ...given,
  } satisfies Omit<Stripe.CreditNote, 'lines'> & { lines: List<CreditNoteLine> };
}

export function creditNoteLine(
  given: Pick<CreditNoteLine, 'id' | 'amount' | 'description' | 'invoice_line_item'>,
): CreditNoteLine {
  return {
    object: 'credit_note_line_item',
    discount_amount: 0,
    discount_amounts: [],
    livemode: false,
    metadata: null,
    pretax_credit_amounts: [],
    quantity: 1,
    tax_rates: [],
    taxes: [],
    type: 'invoice_line_item',
    unit_amount: null,
    unit_amount_decimal: null,
    ...given,
  } satisfies Omit<Stripe.CreditNoteLineItem, 'unit_amount_decimal'> & { unit_amount_decimal: null };
}

export function refund(
  given: Pick<Refund, 'id' | 'amount' | 'created' | 'currency' | 'metadata' | 'payment_intent' | 'charge' | 'status'>,
): Refund {
  return {
    object: 'refund',
    balance_transaction: null,
    customer: null,
    customer_account: null,
    destination_details: { type: 'card', card: { type: 'refund' } },
    payment_method: null,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    transfer_reversal: null,
    ...given,
  } satisfies Stripe.Refund;
}

const NO_EVIDENCE: Stripe.Dispute['evidence'] = {
  enhanced_evidence: {},
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

export type Dispute = ObjectOf<Stripe.Dispute, { payment_intent: string }>;

export function dispute(
  given: Pick<Dispute, 'id' | 'amount' | 'charge' | 'created' | 'currency' | 'payment_intent'>,
): Dispute {
  return {
    object: 'dispute',
    balance_transactions: [],
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: null,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_method_details: {
      type: 'card',
      card: { brand: 'visa', case_type: 'chargeback', network: 'visa', network_reason_code: '10.4' },
    },
    reason: 'fraudulent',
    status: 'needs_response',
    ...given,
  };
}

export function portalSession(
  given: Pick<Stripe.BillingPortal.Session, 'id' | 'created' | 'customer' | 'return_url' | 'url'>,
) {
  return {
    object: 'billing_portal.session',
    configuration: 'bpc_fake',
    customer_account: null,
    flow: null,
    livemode: false,
    locale: null,
    on_behalf_of: null,
    ...given,
  } satisfies Stripe.BillingPortal.Session;
}

export function testClock(given: Pick<Stripe.TestHelpers.TestClock, 'id' | 'created' | 'frozen_time' | 'name'>) {
  return {
    object: 'test_helpers.test_clock',
    deletes_after: given.created + 30 * 24 * 3600,
    livemode: false,
    status: 'ready',
    status_details: {},
    ...given,
  } satisfies Stripe.TestHelpers.TestClock;
}
export type TestClock = ReturnType<typeof testClock>;

/** The version of the API that the SDK is pinned to. */
export const API_VERSION = '2026-10-28.endive';

export interface FakeEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: { id: string; object: string } };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}
