import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import type { CreditNoteLine } from '../credit-notes/credit-note.js';
import { creditNotesOf, holdCredits } from '../credit-notes/credit-note.repository.js';
import { assertCreditableState, leftOf } from '../credit-notes/creditable.js';
import { requireFinalInvoice } from '../invoices/final-invoice.js';
import type { InvoiceDispute } from './invoice-dispute.js';
import { findDisputes, insertDispute, markClosed } from './invoice-dispute.repository.js';

/** What partners say against lines of their invoices: opened, credited and rejected one after another for each invoice. */
@Injectable()
export class InvoiceDisputeService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Of all that credit notes leave of the line; gives the dispute's id. By the partner. */
  async open(
    tx: Transaction,
    { invoiceId, lineId, reason }: { invoiceId: string; lineId: string; reason: string },
  ): Promise<string> {
    await holdCredits(tx, invoiceId);
    const invoice = await requireFinalInvoice(tx, invoiceId);
    assertCreditableState(invoice);
    const path = ['lineId'];
    const amountMinor = leftOf(invoice, await creditNotesOf(tx, invoiceId))(lineId, path);
    const problem = 'all of it was credited';
    if (amountMinor === 0n) throw BILLING_ERRORS.INVOICE_LINE_NOT_CREDITABLE({ lineId, problem }, { path });
    const dispute = { id: newId('disp'), lineId, amountMinor, reason, openedAt: this.clock.now() };
    if (!(await insertDispute(tx, invoice, dispute))) throw BILLING_ERRORS.DISPUTE_OPEN({ lineId }, { path });
    return dispute.id;
  }

  /** The line is right. By the lab. */
  async reject(tx: Transaction, { disputeId, reason }: { disputeId: string; reason: string }): Promise<void> {
    const path = ['disputeId'];
    const { invoiceId } = await requireDispute(tx, disputeId, path);
    await holdCredits(tx, invoiceId);
    assertOpen(await requireDispute(tx, disputeId, path), path);
    await markClosed(tx, [disputeId], { state: 'rejected', rejection: reason, at: this.clock.now() });
  }
}

/** What a credit note says that it settles: open disputes of its invoice, about lines that it takes back. For whoever holds the credits. */
export async function assertSettles(
  tx: Transaction,
  {
    invoiceId,
    lines,
    disputeIds,
  }: { invoiceId: string; lines: readonly CreditNoteLine[]; disputeIds: readonly string[] },
): Promise<void> {
  const credited = new Set(lines.map(({ lineId }) => lineId));
  for (const [position, id] of disputeIds.entries()) {
    const path = ['disputeIds', String(position)];
    const dispute = await requireDispute(tx, id, path);
    assertOpen(dispute, path);
    const problem = `it takes back nothing of what ${id} is about`;
    if (dispute.invoiceId !== invoiceId || !credited.has(dispute.lineId))
      throw BILLING_ERRORS.CREDIT_NOTE_INVALID({ problem }, { path });
  }
}

async function requireDispute(tx: Transaction, id: string, path: string[]): Promise<InvoiceDispute> {
  const [dispute] = await findDisputes(tx, [id]);
  if (!dispute) throw BILLING_ERRORS.DISPUTE_NOT_FOUND({ id }, { path });
  return dispute;
}

function assertOpen({ id, state }: InvoiceDispute, path: string[]): void {
  if (state !== 'open') throw BILLING_ERRORS.DISPUTE_CLOSED({ id, state }, { path });
}
