import type { Currency } from '#libs/kernel';

/** Who pays. */
export interface Payer {
  organizationId: string;
  name: string;
  /** Where the provider may write to, if anywhere. */
  email: string | null;
}

export interface PayableLine {
  /** Of the invoice's line; unique in its invoice and never another one's later. */
  id: string;
  description: string;
  /** Below zero for credits, drawdowns and what is carried in. */
  amountMinor: bigint;
  period: { from: Date; to: Date };
}

/** A finalized invoice as it is handed over for collection: what it says never changes again. */
export interface PayableInvoice {
  id: string;
  organizationId: string;
  currency: Currency;
  /** In minor units; the lines sum to it. */
  dueMinor: bigint;
  /** How much of it is tax. It is among the lines. */
  taxMinor: bigint;
  lines: readonly PayableLine[];
  /** Within so many days of being handed over it is to be paid. */
  paymentDays: number;
  purchaseOrderNumber: string | null;
}

export type ProviderInvoiceStatus = 'draft' | 'open' | 'uncollectible' | 'void' | 'paid';

/** An invoice as the provider has it at the moment it is asked. Amounts are in minor units. */
export interface ProviderInvoice {
  id: string;
  /** Ours, or null if we did not issue it. */
  invoiceId: string | null;
  currency: string;
  /** What was asked for, before credit notes and without a tax that the provider adds. */
  totalMinor: bigint;
  paidMinor: bigint;
  status: ProviderInvoiceStatus;
  /** To pay, the failed ones too. */
  attempts: number;
  /** Where the customer pays; null for drafts. */
  hostedUrl: string | null;
  createdAt: Date;
}

/** Money that arrived for an invoice. An invoice may be paid in parts. */
export interface ProviderPayment {
  id: string;
  /** What a refund refers to; null for what came past the provider. */
  refundableId: string | null;
  amountMinor: bigint;
  paidAt: Date;
  /** When all of it went back because the customer disputed it or its bank did, and that stands; null otherwise. */
  bouncedAt: Date | null;
}

export interface ProviderCreditNote {
  /** Ours. */
  creditNoteId: string;
  providerInvoiceId: string;
  lines: ReadonlyArray<{ lineId: string; amountMinor: bigint }>;
  /** Of the amount, what was paid already: we owe it to the customer and settle it ourselves. */
  paidMinor: bigint;
  reason: string;
}

export interface RefundOrder {
  /** Ours. */
  refundId: string;
  /** The payment that it goes back to. */
  refundableId: string;
  amountMinor: bigint;
}

/** A refund as the provider has it at the moment it is asked. */
export interface ProviderRefund {
  id: string;
  /** Ours, or null if we did not ask for it. */
  refundId: string | null;
  refundableId: string | null;
  amountMinor: bigint;
  /** One that succeeded may still fail, where the bank sends it back; what failed stays so. */
  state: 'pending' | 'succeeded' | 'failed';
  /** Why it failed, in the provider's words. */
  failure: string | null;
}

/** What the provider told by a webhook, after its signature was verified. */
export interface ProviderEvent {
  id: string;
  type: string;
  createdAt: Date;
  /** The invoice that it is about, if it is about one. */
  providerInvoiceId: string | null;
  /** Where it names no invoice: the payment that it is about, as refunds refer to it. */
  refundableId: string | null;
  /** The body as it was signed. */
  payload: string;
}

/**
 * Collects money. It computes nothing: amounts are ours to the unit. Every call may be made again, after any failure and at any time, and does
 * what it does once: what exists is found by our ids, and the provider's idempotency keys are made of our ids alone.
 */
export interface PaymentProvider {
  /** The provider's id of the customer, who is made if there is none. */
  ensureCustomer(payer: Payer): Promise<string>;
  /** Asks the customer for what is due. Nothing is charged or sent by itself. */
  issueInvoice(invoice: PayableInvoice, customerId: string): Promise<ProviderInvoice>;
  invoice(providerInvoiceId: string): Promise<ProviderInvoice>;
  /** What arrived so far, in no particular order. */
  payments(providerInvoiceId: string): Promise<ProviderPayment[]>;
  /** What is paid, or was taken back before, stays as it is. */
  voidInvoice(providerInvoiceId: string): Promise<ProviderInvoice>;
  /** What is paid or taken back stays as it is. */
  markUncollectible(providerInvoiceId: string): Promise<ProviderInvoice>;
  /** The provider's id of the credit note. */
  creditNote(note: ProviderCreditNote): Promise<string>;
  /** Gives back a payment or a part of it. Throws PAYMENT_REFUND_REFUSED where the provider won't, and did not before. */
  refund(order: RefundOrder): Promise<ProviderRefund>;
  /** Of one payment, whoever asked for them, in no particular order. */
  refunds(refundableId: string): Promise<ProviderRefund[]>;
  /** Where a customer keeps its payment methods and finds its invoices. The link is short-lived and made anew each time. */
  billingPortalUrl(customerId: string, returnUrl: string): Promise<string>;
  /** Every invoice made since then, newest first. */
  invoicesSince(instant: Date): AsyncIterable<ProviderInvoice>;
  /** Every refund made since then, newest first. */
  refundsSince(instant: Date): AsyncIterable<ProviderRefund>;
  /** Throws PAYMENT_SIGNATURE_INVALID unless these very bytes were signed by the provider. */
  verifyWebhook(body: Buffer | string, signature: string): ProviderEvent;
}

export const PAYMENT_PROVIDER = Symbol('PaymentProvider');
