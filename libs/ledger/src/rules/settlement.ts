import type { Currency } from '#libs/kernel';
import { larger, smaller } from '#libs/kernel';
import { entriesOf, type Movement, type Posting } from '../posting.js';
import { assertAboveZero, assertNotBelowZero, assertWithin } from './amounts.js';
import { type InvoiceLine, sideOf } from './invoice.js';

/** What happens to the receivable of one invoice. */
interface OfInvoice {
  invoiceId: string;
  currency: Currency;
  /** What is due on the invoice at that moment: `LedgerReports.openReceivable`. */
  openMinor: bigint;
}

export interface ReceivedPayment extends OfInvoice {
  paymentId: string;
  receivedAt: Date;
  amountMinor: bigint;
}

/** Pays the invoice in part or in full; what is beyond it stays with us until it is applied or refunded. */
export function receivePayment(payment: ReceivedPayment): Posting {
  const { paymentId, invoiceId, currency, receivedAt, amountMinor, openMinor } = payment;
  assertAboveZero('A payment', amountMinor);
  assertNotBelowZero('What is open', openMinor);
  const paidMinor = smaller(amountMinor, openMinor);
  return {
    kind: 'receive_payment',
    currency,
    effectiveAt: receivedAt,
    sourceKey: `receive_payment:${paymentId}`,
    description: `Payment ${paymentId} of invoice ${invoiceId}`,
    entries: entriesOf([
      { debit: 'cash_clearing', credit: 'accounts_receivable', amountMinor: paidMinor },
      { debit: 'cash_clearing', credit: 'unapplied_payments', amountMinor: amountMinor - paidMinor },
    ]),
    links: [
      { type: 'payment', id: paymentId },
      { type: 'invoice', id: invoiceId },
    ],
    reversesTransactionId: null,
  };
}

export interface AppliedPayment extends OfInvoice {
  applicationId: string;
  appliedAt: Date;
  amountMinor: bigint;
  /** The balance of `unapplied_payments` at that moment. */
  unappliedMinor: bigint;
}

/** What was paid before beyond what was due pays an invoice. */
export function applyPayment(application: AppliedPayment): Posting {
  const { applicationId, invoiceId, currency, appliedAt, amountMinor } = application;
  assertAboveZero('An application', amountMinor);
  assertWithin('An application', amountMinor, smaller(application.openMinor, application.unappliedMinor));
  return {
    kind: 'apply_payment',
    currency,
    effectiveAt: appliedAt,
    sourceKey: `apply_payment:${applicationId}`,
    description: `Unapplied payments applied to invoice ${invoiceId}`,
    entries: entriesOf([{ debit: 'unapplied_payments', credit: 'accounts_receivable', amountMinor }]),
    links: [{ type: 'invoice', id: invoiceId }],
    reversesTransactionId: null,
  };
}

export interface Refund {
  refundId: string;
  currency: Currency;
  refundedAt: Date;
  amountMinor: bigint;
  /** The balance of `unapplied_payments` at that moment. */
  unappliedMinor: bigint;
  /** What it is given back for, if for one invoice. */
  invoiceId: string | null;
  reason: string;
}

/** Gives money back: first what we hold of the partner's, then, as a concession, of what it paid for. */
export function refund(given: Refund): Posting {
  const { refundId, invoiceId, currency, refundedAt, amountMinor, unappliedMinor, reason } = given;
  assertAboveZero('A refund', amountMinor);
  const heldMinor = smaller(amountMinor, larger(unappliedMinor, 0n));
  return {
    kind: 'refund',
    currency,
    effectiveAt: refundedAt,
    sourceKey: `refund:${refundId}`,
    description: reason,
    entries: entriesOf([
      { debit: 'unapplied_payments', credit: 'cash_clearing', amountMinor: heldMinor },
      { debit: 'refunds', credit: 'cash_clearing', amountMinor: amountMinor - heldMinor },
    ]),
    links: [{ type: 'refund', id: refundId }, ...(invoiceId === null ? [] : [{ type: 'invoice', id: invoiceId }])],
    reversesTransactionId: null,
  };
}

/** What of an invoice can be taken back. */
export type CreditedLine = Extract<
  InvoiceLine,
  { part: 'usage' | 'adjustment' | 'minimum' | 'purchase' | 'overage' | 'true_up' | 'tax' }
>;

export interface CreditNote extends OfInvoice {
  creditNoteId: string;
  issuedAt: Date;
  /** Amounts above zero are taken back; `id` is that of the invoice's line. */
  lines: readonly CreditedLine[];
  reason: string;
}

/** Takes back part of an invoice: it lessens what is due, and what was paid for already is owed to the partner. */
export function creditNote(note: CreditNote): Posting {
  const { creditNoteId, invoiceId, currency, issuedAt, lines, openMinor, reason } = note;
  for (const { part, amountMinor } of lines) assertAboveZero(`A credited ${part}`, amountMinor);
  assertNotBelowZero('What is open', openMinor);
  const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  return {
    kind: 'credit_note',
    currency,
    effectiveAt: issuedAt,
    sourceKey: `credit_note:${creditNoteId}`,
    description: reason,
    entries: entriesOf([
      ...lines.map(takenBack),
      {
        debit: 'accounts_receivable',
        credit: 'unapplied_payments',
        amountMinor: totalMinor - smaller(totalMinor, openMinor),
      },
    ]),
    links: [
      { type: 'credit_note', id: creditNoteId },
      { type: 'invoice', id: invoiceId },
      ...lines.map(({ id }) => ({ type: 'invoice_line', id })),
    ],
    reversesTransactionId: null,
  };
}

function takenBack(line: CreditedLine): Movement {
  const { account, addsMinor } = sideOf(line);
  return { debit: account, credit: 'accounts_receivable', amountMinor: addsMinor };
}

export interface WriteOff extends OfInvoice {
  writeOffId: string;
  writtenOffAt: Date;
  amountMinor: bigint;
  reason: string;
}

/** Gives up what will not be paid. What is paid after all needs its reversal first. */
export function writeOff(given: WriteOff): Posting {
  const { writeOffId, invoiceId, currency, writtenOffAt, amountMinor, openMinor, reason } = given;
  assertAboveZero('A write-off', amountMinor);
  assertWithin('A write-off', amountMinor, openMinor);
  return {
    kind: 'write_off',
    currency,
    effectiveAt: writtenOffAt,
    sourceKey: `write_off:${writeOffId}`,
    description: reason,
    entries: entriesOf([{ debit: 'bad_debt_expense', credit: 'accounts_receivable', amountMinor }]),
    links: [{ type: 'invoice', id: invoiceId }],
    reversesTransactionId: null,
  };
}
