import { BILLING_ERRORS } from '../billing.errors.js';
import type { FinalInvoice } from '../invoices/invoice.js';
import { type DetailedLine, linesOf } from '../invoices/invoice-postings.js';
import { type CreditNote, type CreditNoteLine, creditedByLine, totalOf } from './credit-note.js';

const MOST_LINES = 100;

/** Of one that was taken back or given up nothing is left to take back. */
export function assertCreditableState({ id, state }: FinalInvoice): void {
  if (state === 'finalized' || state === 'paid') return;
  throw BILLING_ERRORS.INVOICE_NOT_CREDITABLE({ id, state }, { path: ['invoiceId'] });
}

/** No more of a line than it charges, and no more in all than the invoice asked for: what credits paid is nobody's money. */
export function assertCreditable(
  invoice: FinalInvoice,
  earlier: readonly CreditNote[],
  lines: readonly CreditNoteLine[],
): void {
  const problem = problemOf(lines);
  if (problem) throw BILLING_ERRORS.CREDIT_NOTE_INVALID({ problem }, { path: ['lines'] });
  const left = leftOf(invoice, earlier);
  for (const [position, { lineId, amountMinor }] of lines.entries()) {
    const leftMinor = left(lineId, ['lines', String(position), 'lineId']);
    if (amountMinor > leftMinor) throw exceeds(`the line ${lineId}`, amountMinor, leftMinor);
  }
  const leftOfAll = earlier.reduce((sum, { totalMinor }) => sum - totalMinor, invoice.dueMinor);
  if (totalOf(lines) > leftOfAll) throw exceeds('what the invoice asked for', totalOf(lines), leftOfAll);
}

function problemOf(lines: readonly CreditNoteLine[]): string | null {
  if (lines.length === 0 || lines.length > MOST_LINES) return `it takes back 1 to ${MOST_LINES} lines`;
  if (new Set(lines.map(({ lineId }) => lineId)).size < lines.length) return 'it names each line once';
  return lines.every(({ amountMinor }) => amountMinor > 0n) ? null : 'every amount must be above zero';
}

/** What earlier notes leave of a line; throws for one that can't be taken back. */
export function leftOf(
  { id, document }: FinalInvoice,
  earlier: readonly CreditNote[],
): (lineId: string, path: string[]) => bigint {
  const lines = new Map(linesOf(id, JSON.parse(document)).map((line) => [line.id, line]));
  const credited = creditedByLine(earlier);
  return (lineId, path) => {
    const line = lines.get(lineId);
    if (!line) throw BILLING_ERRORS.INVOICE_LINE_NOT_FOUND({ id, lineId }, { path });
    const problem = obstacleTo(line);
    if (problem) throw BILLING_ERRORS.INVOICE_LINE_NOT_CREDITABLE({ lineId, problem }, { path });
    return line.amountMinor - credited(lineId);
  };
}

function exceeds(what: string, amountMinor: bigint, leftMinor: bigint) {
  const amounts = { amountMinor: amountMinor.toString(), leftMinor: leftMinor.toString() };
  return BILLING_ERRORS.CREDIT_NOTE_EXCEEDS({ what, ...amounts }, { path: ['lines'] });
}

/** Why a line can't be taken back; null where it can. */
function obstacleTo({ part, amountMinor }: DetailedLine): string | null {
  if (part === 'credit' || part === 'drawdown' || part === 'carried_in') return 'it lessens what is due';
  // Later invoices go on drawing on what was bought: they follow from the contract's history alone.
  if (part === 'purchase') return 'what it bought may be drawn on by any later invoice';
  return amountMinor > 0n ? null : 'it charges nothing';
}
