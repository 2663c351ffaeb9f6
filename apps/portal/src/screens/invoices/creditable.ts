import type { CreditNote, Invoice, InvoiceLine } from './documents';

/** What lessens what is due, or may be drawn on by later invoices: of these nothing is taken back. */
const NEVER_CREDITED: ReadonlySet<InvoiceLine['part']> = new Set(['CREDIT', 'DRAWDOWN', 'CARRIED_IN', 'PURCHASE']);

/** Of one that was taken back or given up nothing is left to take back. */
export function isDue({ state }: Pick<Invoice, 'state'>): boolean {
  return state === 'FINALIZED' || state === 'PAID';
}

export function isCreditable({ part, amount }: InvoiceLine): boolean {
  return !NEVER_CREDITED.has(part) && BigInt(amount.minor) > 0n;
}

/** What the notes leave of a line, in minor units. */
export function leftOf({ id, amount }: InvoiceLine, notes: readonly CreditNote[]): bigint {
  return notes
    .flatMap(({ lines }) => lines)
    .filter(({ lineId }) => lineId === id)
    .reduce((left, line) => left - BigInt(line.amount.minor), BigInt(amount.minor));
}
