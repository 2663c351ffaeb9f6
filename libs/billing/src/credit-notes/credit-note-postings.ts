import { larger, smaller } from '#libs/kernel';
import { type CreditedLine, creditNote, type LedgerReports, type LedgerService } from '#libs/ledger';
import type { Transaction } from '#platform/database';
import type { FinalInvoice } from '../invoices/invoice.js';
import { linesOf } from '../invoices/invoice-postings.js';
import { refundableOf, requestRefunds } from '../refunds/refund-requests.js';
import type { CreditNote } from './credit-note.js';
import { creditNotesOf, markPosted } from './credit-note.repository.js';

export interface Books {
  ledger: LedgerService;
  reports: LedgerReports;
}

/**
 * Brings the books to the credit notes of an invoice, each once. For whoever holds the invoice and the ledger, before anything else is
 * posted that depends on what is open: then it makes no difference in which order messages are handled.
 */
export async function postCreditNotes(
  tx: Transaction,
  { ledger, reports }: Books,
  invoice: FinalInvoice,
  at: Date,
): Promise<void> {
  const { id: invoiceId, currency } = invoice;
  const notes = await creditNotesOf(tx, invoiceId);
  for (const note of notes.filter(({ postedAt }) => postedAt === null)) {
    const openMinor = await reports.openReceivable(tx, { invoiceId });
    const { id: creditNoteId, issuedAt, reason } = note;
    const lines = creditedLines(invoice, note);
    await ledger.post(tx, creditNote({ creditNoteId, invoiceId, currency, issuedAt, reason, lines, openMinor }));
    const paidMinor = larger(note.totalMinor - openMinor, 0n);
    await markPosted(tx, creditNoteId, { at, paidMinor });
    if (note.refundsPaid) await refundPaid(tx, reports, { invoice, note: { ...note, paidMinor }, at });
  }
}

/** As it was asked for with the note, of what can go back: that was looked at then, and may have changed by a refund or a dispute. */
async function refundPaid(
  tx: Transaction,
  reports: LedgerReports,
  { invoice, note, at }: { invoice: FinalInvoice; note: CreditNote; at: Date },
): Promise<void> {
  const { payments, refundableMinor } = await refundableOf(tx, reports, invoice);
  const amountMinor = smaller(note.paidMinor ?? 0n, refundableMinor);
  const { reason, issuedBy: requestedBy } = note;
  await requestRefunds(tx, { invoice, note, payments, amountMinor, reason, requestedBy, at });
}

/** The invoice's lines with what is taken back of each. */
function creditedLines({ id, document }: FinalInvoice, { lines }: CreditNote): CreditedLine[] {
  const ofInvoice = new Map(linesOf(id, JSON.parse(document)).map((line) => [line.id, line]));
  return lines.map(({ lineId, amountMinor }) => ({ ...ofInvoice.get(lineId)!, amountMinor }) as CreditedLine);
}
