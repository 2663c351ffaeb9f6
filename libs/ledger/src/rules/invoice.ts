import type { Currency, Meter } from '#libs/kernel';
import { larger, smaller } from '#libs/kernel';
import { type AccountName, revenueOf, unbilledOf } from '../chart.js';
import { LEDGER_ERRORS } from '../ledger.errors.js';
import { kindOfMeter, METER_KINDS, type MeterKind } from '../meters.js';
import { amountOn, entriesOf, type LedgerTransaction, type Movement, type Posting } from '../posting.js';
import { assertNotAboveZero, assertNotBelowZero } from './amounts.js';
import { reverse } from './reversal.js';

/**
 * A part of an invoice, as docs/guides/how-an-invoice-is-made.md names it; `id` is that of the invoice's line. Amounts have the
 * sign that they have there: drawdowns and what credits paid are above zero, what is carried below.
 */
export type InvoiceLine = { id: string; amountMinor: bigint } & (
  | { part: 'usage'; meter: Meter }
  /** Without a meter it adjusts a minimum. */
  | { part: 'adjustment'; meter: Meter | null }
  | {
      part: 'minimum' | 'credit' | 'purchase' | 'drawdown' | 'overage' | 'true_up' | 'carried_in' | 'tax';
    }
);

export type InvoicePart = InvoiceLine['part'];

export interface FinalizedInvoice {
  invoiceId: string;
  currency: Currency;
  finalizedAt: Date;
  lines: readonly InvoiceLine[];
  /** What of the usage on it was accrued before: `LedgerReports.accruedUsage`. Zero where left out. */
  accruedMinor: Partial<Record<MeterKind, bigint>>;
  /** What the invoice states; the lines have to come to it. */
  dueMinor: bigint;
  /** Zero or below. */
  carriedOutMinor: bigint;
}

/** The account on the other side of the receivable, and whether the line raises or lowers what is due. */
const SIDES: Record<Exclude<InvoicePart, 'usage' | 'adjustment'>, [account: AccountName, factor: 1n | -1n]> = {
  minimum: ['shortfall_revenue', 1n],
  credit: ['promotional_credits', -1n],
  purchase: ['deferred_revenue', 1n],
  drawdown: ['deferred_revenue', -1n],
  overage: ['overage_revenue', 1n],
  true_up: ['shortfall_revenue', 1n],
  carried_in: ['customer_credit_balance', 1n],
  tax: ['tax_payable', 1n],
};

/** Of a line: what it adds to what is due, and the account that this comes from. */
export function sideOf(line: InvoiceLine): { account: AccountName; addsMinor: bigint } {
  if (line.part === 'usage') return { account: revenueOf(kindOfMeter(line.meter)), addsMinor: line.amountMinor };
  if (line.part === 'adjustment') {
    const account = line.meter ? revenueOf(kindOfMeter(line.meter)) : 'shortfall_revenue';
    return { account, addsMinor: line.amountMinor };
  }
  const [account, factor] = SIDES[line.part];
  return { account, addsMinor: factor * line.amountMinor };
}

/**
 * An invoice becomes due. Its usage was revenue when it was accrued, so that only what differs is revenue now; what was accrued is
 * billed. A total below zero is owed to the partner until the next invoice.
 */
export function finalizeInvoice(invoice: FinalizedInvoice): Posting {
  const { invoiceId, currency, finalizedAt, lines } = invoice;
  for (const line of lines) assertSign(line);
  const totalMinor = lines.reduce((sum, line) => sum + sideOf(line).addsMinor, 0n);
  const carriedOutMinor = smaller(totalMinor, 0n);
  assertStated(invoice, 'sum due', invoice.dueMinor, larger(totalMinor, 0n));
  assertStated(invoice, 'sum carried out', invoice.carriedOutMinor, carriedOutMinor);
  return {
    kind: 'finalize_invoice',
    currency,
    effectiveAt: finalizedAt,
    sourceKey: `finalize_invoice:${invoiceId}`,
    description: `Invoice ${invoiceId}`,
    entries: entriesOf([
      ...lines.map(movementOf),
      ...METER_KINDS.map((kind) => billed(kind, invoice.accruedMinor[kind] ?? 0n)),
      { debit: 'accounts_receivable', credit: 'customer_credit_balance', amountMinor: -carriedOutMinor },
    ]),
    links: [{ type: 'invoice', id: invoiceId }, ...lines.map(({ id }) => ({ type: 'invoice_line', id }))],
    reversesTransactionId: null,
  };
}

export interface VoidedInvoice {
  invoiceId: string;
  voidedAt: Date;
  reason: string;
  /** The transaction that finalized it. */
  finalization: LedgerTransaction;
  /** What of it is not paid, credited or written off: `LedgerReports.openReceivable`. */
  openMinor: bigint;
}

/** As if it had not been: what was accrued is unbilled again, what was carried in is owed again. */
export function voidInvoice({ invoiceId, voidedAt, reason, finalization, openMinor }: VoidedInvoice): Posting {
  if (amountOn(finalization.entries, 'accounts_receivable') !== openMinor)
    throw LEDGER_ERRORS.LEDGER_INVOICE_TOUCHED({ invoiceId });
  const reversal = reverse({ transaction: finalization, reversedAt: voidedAt, reason });
  return { ...reversal, kind: 'void_invoice', sourceKey: `void_invoice:${invoiceId}` };
}

function movementOf(line: InvoiceLine): Movement {
  const { account, addsMinor } = sideOf(line);
  return { debit: 'accounts_receivable', credit: account, amountMinor: addsMinor };
}

/** What was accrued is no longer unbilled, and the line that bills it must not count as revenue twice. */
function billed(kind: MeterKind, accruedMinor: bigint): Movement {
  return { debit: revenueOf(kind), credit: unbilledOf(kind), amountMinor: accruedMinor };
}

function assertSign({ part, amountMinor }: InvoiceLine): void {
  if (part === 'adjustment') return;
  if (part === 'carried_in') assertNotAboveZero('What was carried in', amountMinor);
  else assertNotBelowZero(`A line ${part}`, amountMinor);
}

function assertStated({ invoiceId }: FinalizedInvoice, figure: string, stated: bigint, computed: bigint): void {
  if (stated === computed) return;
  const figures = { statedMinor: stated.toString(), computedMinor: computed.toString() };
  throw LEDGER_ERRORS.LEDGER_INVOICE_DOES_NOT_ADD_UP({ invoiceId, figure, ...figures });
}
