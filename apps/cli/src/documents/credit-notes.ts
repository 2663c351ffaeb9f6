import { defineMutation, defineOperation } from '#libs/client';
import { AMOUNT, type Amount, type Connection, PAGE_INFO, type Page } from './shared.js';

export interface Refund {
  id: string;
  paymentId: string;
  amount: Amount;
  reason: string;
  state: string;
  requestedAt: string;
  settledAt: string | null;
  failure: string | null;
}

export interface CreditNote {
  id: string;
  number: number;
  reason: string;
  issuedAt: string;
  invoice: { id: string; number: number | null } | null;
  total: Amount;
  /** What of it was paid before; null until it is in the books, as what of that can still go back. */
  owed: Amount | null;
  unrefunded: Amount | null;
  refunds: Refund[];
}

const NOTE = `id number reason issuedAt invoice { id number } total ${AMOUNT} owed ${AMOUNT} unrefunded ${AMOUNT}
  refunds { id paymentId amount ${AMOUNT} reason state requestedAt settledAt failure }`;

export const CREDIT_NOTES = defineOperation<
  { creditNotes: Connection<CreditNote> },
  Page & { invoiceId?: string; organizationId?: string }
>(
  `query($first: Int, $after: String, $invoiceId: ID, $organizationId: ID) {
    creditNotes(first: $first, after: $after, invoiceId: $invoiceId, organizationId: $organizationId) {
      nodes { ${NOTE} } ${PAGE_INFO} } }`,
);

export const SHOW_CREDIT_NOTE = defineOperation<{ node: CreditNote | { number?: undefined } | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on CreditNote { ${NOTE} } } }`,
);

export const REFUND_CREDIT_NOTE = defineMutation<
  { creditNote: CreditNote },
  { creditNoteId: string; amountMinor?: string; reason: string }
>('refundCreditNote', `creditNote { ${NOTE} }`);
