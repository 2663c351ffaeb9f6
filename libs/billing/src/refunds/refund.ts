import { type Currency, defineStates, smaller } from '#libs/kernel';

export const REFUND_STATES = ['requested', 'pending', 'succeeded', 'failed'] as const;
export type RefundState = (typeof REFUND_STATES)[number];

/**
 * requested: decided on, and in no book yet. pending: in the books, and at the payment provider or on the way there. A bank may send back what
 * the provider took for done, so that one that succeeded fails.
 */
export const refundStates = defineStates<RefundState>('refund', {
  initial: 'requested',
  terminal: ['failed'],
  transitions: {
    requested: ['pending', 'failed'],
    pending: ['succeeded', 'failed'],
    succeeded: ['failed'],
    failed: [],
  },
});

/** Gives one payment back, or a part of it. */
export interface Refund {
  id: string;
  /** Which left it owed to the partner. */
  creditNoteId: string;
  invoiceId: string;
  /** The partner. */
  organizationId: string;
  labOrganizationId: string;
  /** The provider's id of the payment. */
  paymentId: string;
  /** What the provider knows the payment by when it is refunded. */
  refundableId: string;
  currency: Currency;
  amountMinor: bigint;
  reason: string;
  state: RefundState;
  requestedAt: Date;
  /** When it was known to have succeeded or failed; null before. */
  settledAt: Date | null;
  /** Why it failed. */
  failure: string | null;
}

/** What is left of a payment that can go back. */
export interface RefundablePayment {
  paymentId: string;
  leftMinor: bigint;
}

export interface RefundPart {
  paymentId: string;
  amountMinor: bigint;
}

export const sumOfLeft = (payments: readonly RefundablePayment[]): bigint =>
  payments.reduce((sum, { leftMinor }) => sum + leftMinor, 0n);

/** Takes a sum from payments, in their order, until it is reached or nothing is left of them. */
export function partsOf(amountMinor: bigint, payments: readonly RefundablePayment[]): RefundPart[] {
  const parts: RefundPart[] = [];
  let restMinor = amountMinor;
  for (const { paymentId, leftMinor } of payments) {
    const part = smaller(restMinor, leftMinor);
    if (part > 0n) parts.push({ paymentId, amountMinor: part });
    restMinor -= part;
  }
  return parts;
}
