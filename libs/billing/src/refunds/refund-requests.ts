import { larger, newId } from '#libs/kernel';
import type { LedgerReports } from '#libs/ledger';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import type { CreditNote } from '../credit-notes/credit-note.js';
import type { FinalInvoice } from '../invoices/invoice.js';
import { partsOf, type RefundablePayment, sumOfLeft } from './refund.js';
import { insertRefund, refundablePayments } from './refund.repository.js';

type OfInvoice = Pick<FinalInvoice, 'id' | 'organizationId'>;

/** The payments of an invoice that something can go back to, newest first. */
export async function refundableOf(
  tx: Transaction,
  reports: LedgerReports,
  { id, organizationId }: OfInvoice,
): Promise<{ payments: RefundablePayment[]; refundableMinor: bigint }> {
  const all = await refundablePayments(tx, id);
  const paymentIds = all.map(({ paymentId }) => paymentId);
  const reversed = await reports.reversedPayments(tx, { organizationId, paymentIds });
  const payments = all.filter(({ paymentId }) => !reversed.has(paymentId));
  return { payments, refundableMinor: sumOfLeft(payments) };
}

export function assertWithinPayments(amountMinor: bigint, refundableMinor: bigint, path: string[]): void {
  if (amountMinor <= refundableMinor) return;
  const amounts = { amountMinor: amountMinor.toString(), refundableMinor: refundableMinor.toString() };
  throw BILLING_ERRORS.REFUND_PAST_PROVIDER(amounts, { path });
}

/** Before a note is issued: what of it is paid by now can go back. The books say how much that is in the end. */
export async function assertWillBeRefundable(
  tx: Transaction,
  reports: LedgerReports,
  given: { invoice: FinalInvoice; earlier: readonly CreditNote[]; totalMinor: bigint },
): Promise<void> {
  const { invoice, earlier, totalMinor } = given;
  const path = ['refund'];
  // What is open is less by the notes that the books don't have yet.
  const unposted = earlier.filter(({ postedAt }) => postedAt === null);
  const openMinor = unposted.reduce((open, note) => larger(open - note.totalMinor, 0n), invoice.openMinor);
  const paidMinor = totalMinor - openMinor;
  if (paidMinor <= 0n) throw BILLING_ERRORS.REFUND_NOTHING_OWED({ what: 'this credit note' }, { path });
  assertWithinPayments(paidMinor, (await refundableOf(tx, reports, invoice)).refundableMinor, path);
}

export interface RefundRequest {
  invoice: Pick<FinalInvoice, 'id' | 'labOrganizationId'>;
  note: CreditNote;
  payments: readonly RefundablePayment[];
  amountMinor: bigint;
  reason: string;
  requestedBy: string;
  at: Date;
}

/** One refund for each payment that it takes. */
export async function requestRefunds(tx: Transaction, request: RefundRequest): Promise<void> {
  const { invoice, note, payments, reason, requestedBy, at: requestedAt } = request;
  const { id: creditNoteId, organizationId, currency } = note;
  const about = { creditNoteId, invoiceId: invoice.id, organizationId, labOrganizationId: invoice.labOrganizationId };
  for (const part of partsOf(request.amountMinor, payments)) {
    const id = newId('rfnd');
    await insertRefund(tx, { id, ...about, ...part, currency, reason, requestedBy, requestedAt });
    tx.publish({ type: 'billing.refund_requested', key: id, payload: { refundId: id, organizationId } });
  }
}
