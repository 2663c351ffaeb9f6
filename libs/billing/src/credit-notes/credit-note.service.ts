import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId, sha256Hex } from '#libs/kernel';
import { LedgerReports } from '#libs/ledger';
import type { Transaction } from '#platform/database';
import { markClosed } from '../disputes/invoice-dispute.repository.js';
import { assertSettles } from '../disputes/invoice-dispute.service.js';
import { holdFinalInvoice } from '../invoices/final-invoice.js';
import type { FinalInvoice } from '../invoices/invoice.js';
import { assertWillBeRefundable } from '../refunds/refund-requests.js';
import { type CreditNoteLine, documentOf, totalOf } from './credit-note.js';
import { creditNotesOf, holdCredits, insertCreditNote, nextCreditNoteNumber } from './credit-note.repository.js';
import { assertCreditable, assertCreditableState } from './creditable.js';

export interface CreditNoteTerms {
  invoiceId: string;
  /** For people, on the note and in the books. */
  reason: string;
  /** 1 to 100, each of another line. */
  lines: readonly CreditNoteLine[];
  /** Open disputes of these lines, which it settles. */
  disputeIds: readonly string[];
  /** Whether what of it was paid before goes back to the payments at once. */
  refundsPaid: boolean;
}

/**
 * Takes back parts of final invoices. A note holds its invoice, so that notes, payments and closings of one come one after another; what is
 * open on it follows when the books have posted the note.
 */
@Injectable()
export class CreditNoteService {
  constructor(
    private readonly reports: LedgerReports,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Gives the id of the note. By the lab. */
  async issue(tx: Transaction, terms: CreditNoteTerms): Promise<string> {
    const invoice = await holdFinalInvoice(tx, terms.invoiceId);
    const { id: invoiceId, organizationId } = invoice;
    await holdCredits(tx, invoiceId);
    assertCreditableState(invoice);
    const earlier = await creditNotesOf(tx, invoiceId);
    assertCreditable(invoice, earlier, terms.lines);
    if (terms.refundsPaid)
      await assertWillBeRefundable(tx, this.reports, { invoice, earlier, totalMinor: totalOf(terms.lines) });
    await assertSettles(tx, terms);
    const at = this.clock.now();
    const note = noteOf(invoice, terms, { number: await nextCreditNoteNumber(tx), at });
    await insertCreditNote(tx, invoice, note);
    await markClosed(tx, terms.disputeIds, { state: 'credited', creditNoteId: note.id, at });
    tx.publish({ type: 'billing.credit_note_issued', key: note.id, payload: { invoiceId, organizationId } });
    return note.id;
  }
}

function noteOf(
  { id, number: invoiceNumber, documentSha256, currency }: FinalInvoice,
  { reason, lines, refundsPaid }: CreditNoteTerms,
  { number, at }: { number: number; at: Date },
) {
  const totalMinor = totalOf(lines);
  const document = documentOf({
    number,
    issuedAt: at.toISOString(),
    invoice: { id, number: invoiceNumber, documentSha256 },
    currency,
    reason,
    lines: lines.map(({ lineId, amountMinor }) => ({ lineId, amountMinor: amountMinor.toString() })),
    totalMinor: totalMinor.toString(),
  });
  return {
    id: newId('cnote'),
    number,
    document,
    documentSha256: sha256Hex(document),
    totalMinor,
    refundsPaid,
    issuedAt: at,
  };
}
