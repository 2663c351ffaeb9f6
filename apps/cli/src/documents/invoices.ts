import { defineMutation, defineOperation, type PresignedRequest } from '#libs/client';
import { AMOUNT, type Amount, type Connection, PAGE_INFO, type Page } from './shared.js';

export interface InvoiceLine {
  id: string;
  part: string;
  meter: string | null;
  quantity: string | null;
  projectId: string | null;
  ruleId: string | null;
  commitmentId: string | null;
  grantId: string | null;
  amount: Amount;
}

export interface Invoice {
  id: string;
  number: number | null;
  state: string;
  period: number;
  from: string;
  to: string;
  finalizesAt: string;
  finalizedAt: string | null;
  /** Until when it is to be paid; null until it is final. */
  dueAt: string | null;
  /** Null while it is a draft. */
  due: Amount | null;
  /** What is left to pay. */
  open: Amount | null;
  organizationId: string;
  contract: { id: string; name: string } | null;
}

export interface ShownInvoice extends Invoice {
  currency: string;
  /** What the partner paid in this currency and no invoice used. */
  unapplied: Amount;
  lines: InvoiceLine[];
  documentSha256: string | null;
  paymentUrl: string | null;
  closeReason: string | null;
  export: InvoiceExport | null;
}

export interface InvoiceExport {
  requestedAt: string;
  readyAt: string | null;
  bytes: string | null;
  sha256: string | null;
  file: PresignedRequest | null;
}

export interface InvoicePreview {
  period: number;
  from: string;
  to: string;
  finalizesAt: string;
  due: Amount;
  unpriced: number;
  lines: InvoiceLine[];
}

const LINE = `id part meter quantity projectId ruleId commitmentId grantId amount ${AMOUNT}`;
const INVOICE = `id number state period from to finalizesAt finalizedAt dueAt due ${AMOUNT} open ${AMOUNT} organizationId
  contract { id name }`;
const EXPORT = 'requestedAt readyAt bytes sha256 file { method url headers }';

export const INVOICES = defineOperation<
  { invoices: Connection<Invoice> },
  Page & { contractId?: string; organizationId?: string; state?: string }
>(
  `query($first: Int, $after: String, $contractId: ID, $organizationId: ID, $state: InvoiceState) {
    invoices(first: $first, after: $after, contractId: $contractId, organizationId: $organizationId, state: $state) {
      nodes { ${INVOICE} } ${PAGE_INFO} } }`,
);

export const SHOW_INVOICE = defineOperation<{ node: ShownInvoice | { period?: undefined } | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on Invoice { ${INVOICE} currency unapplied ${AMOUNT} documentSha256 paymentUrl closeReason
    lines { ${LINE} } export { ${EXPORT} } } } }`,
);

export const PREVIEW_INVOICE = defineOperation<{ invoicePreview: InvoicePreview | null }, { contractId: string }>(
  `query($contractId: ID!) { invoicePreview(contractId: $contractId) {
    period from to finalizesAt unpriced due ${AMOUNT} lines { ${LINE} } } }`,
);

export const EXPORT_INVOICE = defineMutation<{ invoice: { id: string } }, { invoiceId: string }>(
  'exportInvoice',
  'invoice { id }',
);

export const RECORD_TRANSFER = defineMutation<
  { invoice: { id: string } },
  { invoiceId: string; amountMinor: string; reference: string; receivedAt: string }
>('recordBankTransfer', 'invoice { id }');

export const APPLY_UNAPPLIED = defineMutation<
  { invoice: { id: string; paymentApplications: Array<{ id: string; amount: Amount }> } },
  { invoiceId: string; amountMinor?: string }
>('applyUnappliedPayments', `invoice { id paymentApplications { id amount ${AMOUNT} } }`);
