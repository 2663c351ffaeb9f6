import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, larger, smaller } from '#libs/kernel';
import {
  amountOn,
  applyPayment,
  LedgerReports,
  LedgerService,
  type LedgerTransaction,
  receivePayment,
  reverse,
  voidInvoice,
  writeOff,
} from '#libs/ledger';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import { creditNotesOf } from '../credit-notes/credit-note.repository.js';
import { postCreditNotes } from '../credit-notes/credit-note-postings.js';
import { holdFinalInvoice } from './final-invoice.js';
import { type FinalInvoice, type IssuedInvoice, invoiceStates } from './invoice.js';
import { findInvoices, markBalance, markClosed } from './invoice.repository.js';

export interface RecordedPayment {
  invoiceId: string;
  /** Names the payment for ever: recorded again under it, it is the same payment. */
  paymentKey: string;
  /** In minor units of the invoice's currency, above zero. */
  amountMinor: bigint;
  /** When the money came. */
  at: Date;
}

export interface PaymentReversal {
  invoiceId: string;
  paymentKey: string;
  /** When the money went back. */
  at: Date;
  /** For people, in the books. */
  reason: string;
}

export interface Application {
  invoiceId: string;
  applicationId: string;
  /** At most; in minor units of the invoice's currency, above zero. */
  amountMinor: bigint;
}

interface Closing {
  invoiceId: string;
  reason: string;
}

/**
 * What becomes of invoices once they are final. Payments are recorded by the system, in the scope of the partner; taking back and giving
 * up are decided by the lab, and the books follow by a message.
 */
@Injectable()
export class InvoiceService {
  constructor(
    private readonly ledger: LedgerService,
    private readonly reports: LedgerReports,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Of either side of its contract; null for others. */
  async find(tx: Transaction, id: string): Promise<IssuedInvoice | null> {
    return (await findInvoices(tx, [id]))[0] ?? null;
  }

  /**
   * A payment in part or in full, posted once per key. What is beyond what is open, and what is paid of a void invoice, is an unapplied
   * payment. One that comes after the invoice was given up makes it due again first.
   */
  async recordPayment(tx: Transaction, { invoiceId, paymentKey, amountMinor, at }: RecordedPayment): Promise<void> {
    const invoice = await holdFinalInvoice(tx, invoiceId);
    await this.ledger.hold(tx);
    const recorded = await this.ledger.findBySourceKey(tx, keyOf(paymentKey));
    if (recorded) return assertSamePayment(recorded, { invoiceId, paymentKey, amountMinor });
    await this.takeBackWriteOff(tx, invoice);
    const openMinor = invoice.state === 'void' ? 0n : await this.reports.openReceivable(tx, { invoiceId });
    const { currency } = invoice;
    const payment = { paymentId: paymentKey, invoiceId, currency, receivedAt: at, amountMinor, openMinor };
    await this.ledger.post(tx, receivePayment(payment));
    await this.balance(tx, invoice);
  }

  /** A payment that bounced: what it paid is due again. Posted once. */
  async recordPaymentReversal(tx: Transaction, { invoiceId, paymentKey, at, reason }: PaymentReversal): Promise<void> {
    const invoice = await holdFinalInvoice(tx, invoiceId);
    await this.ledger.hold(tx);
    const payment = await this.ledger.findBySourceKey(tx, keyOf(paymentKey));
    if (!payment || !isAbout(payment, invoiceId)) throw BILLING_ERRORS.PAYMENT_NOT_FOUND({ paymentKey });
    if (payment.reversedByTransactionId) return;
    await this.takeBackWriteOff(tx, invoice);
    await this.ledger.post(tx, reverse({ transaction: payment, reversedAt: at, reason }));
    await this.balance(tx, invoice);
  }

  /** Pays with what the partner paid beyond what was due. Gives how much: as far as that, and what is open, reach by now. */
  async applyUnapplied(tx: Transaction, { invoiceId, applicationId, amountMinor }: Application): Promise<bigint> {
    const invoice = await holdFinalInvoice(tx, invoiceId);
    await this.ledger.hold(tx);
    if (invoice.state !== 'finalized') return 0n;
    const { currency } = invoice;
    const openMinor = await this.reports.openReceivable(tx, { invoiceId });
    const unappliedMinor = await this.reports.balance(tx, { account: 'unapplied_payments', currency });
    const appliedMinor = smaller(amountMinor, smaller(openMinor, larger(unappliedMinor, 0n)));
    if (appliedMinor === 0n) return 0n;
    const about = { applicationId, invoiceId, currency, openMinor, unappliedMinor };
    await this.ledger.post(tx, applyPayment({ ...about, appliedAt: this.clock.now(), amountMinor: appliedMinor }));
    await this.balance(tx, invoice);
    return appliedMinor;
  }

  /** Takes an invoice back of which nothing was paid. Its usage is not invoiced anew. By the lab. */
  async void(tx: Transaction, closing: Closing): Promise<void> {
    const invoice = await holdFinalInvoice(tx, closing.invoiceId);
    const { id, dueMinor, openMinor } = invoice;
    const isCredited = (await creditNotesOf(tx, id)).length > 0;
    if (invoice.state === 'finalized' && (openMinor !== dueMinor || isCredited))
      throw BILLING_ERRORS.INVOICE_TOUCHED({ id }, { path: ['invoiceId'] });
    if (carriesBalance(invoice)) throw BILLING_ERRORS.INVOICE_CARRIES_BALANCE({ id }, { path: ['invoiceId'] });
    await this.close(tx, invoice, { ...closing, state: 'void' });
  }

  /** Gives up what is open. By the lab. */
  async markUncollectible(tx: Transaction, closing: Closing): Promise<void> {
    await this.close(tx, await holdFinalInvoice(tx, closing.invoiceId), { ...closing, state: 'uncollectible' });
  }

  /** Brings the books to what the lab decided, if it still stands. Again it is the same. In the scope of the partner. */
  async postClosing(tx: Transaction, invoiceId: string): Promise<void> {
    const invoice = await holdFinalInvoice(tx, invoiceId);
    const { state, currency, closedAt, closeReason } = invoice;
    if (!closedAt || !closeReason) return;
    await this.ledger.hold(tx);
    await this.takeOverCreditNotes(tx, invoice);
    const openMinor = await this.reports.openReceivable(tx, { invoiceId });
    if (openMinor === 0n) return;
    const about = { invoiceId, currency, openMinor, reason: closeReason };
    if (state === 'uncollectible') {
      const writeOffId = writeOffIdOf(invoice);
      await this.ledger.post(tx, writeOff({ ...about, writeOffId, writtenOffAt: closedAt, amountMinor: openMinor }));
      return;
    }
    const finalization = await this.ledger.findBySourceKey(tx, `finalize_invoice:${invoiceId}`);
    await this.ledger.post(tx, voidInvoice({ ...about, voidedAt: closedAt, finalization: finalization! }));
  }

  /** Brings the books and what is open to the credit notes of an invoice. Again it is the same. In the scope of the partner. */
  async postCreditNotes(tx: Transaction, invoiceId: string): Promise<void> {
    const invoice = await holdFinalInvoice(tx, invoiceId);
    await this.ledger.hold(tx);
    await this.takeOverCreditNotes(tx, invoice);
    // What was given up meanwhile is written off by the message of that.
    if (invoice.state !== 'uncollectible') await this.balance(tx, invoice);
  }

  private async takeOverCreditNotes(tx: Transaction, invoice: FinalInvoice): Promise<void> {
    const books = { ledger: this.ledger, reports: this.reports };
    await postCreditNotes(tx, books, invoice, this.clock.now());
  }

  private async close(
    tx: Transaction,
    { id, state: from, organizationId }: IssuedInvoice,
    { state, reason }: Closing & { state: 'void' | 'uncollectible' },
  ): Promise<void> {
    invoiceStates.assert(from, state);
    await markClosed(tx, id, { state, at: this.clock.now(), reason });
    tx.publish({ type: 'billing.invoice_closed', key: id, payload: { invoiceId: id, organizationId } });
  }

  private async takeBackWriteOff(tx: Transaction, invoice: FinalInvoice): Promise<void> {
    if (invoice.state !== 'uncollectible') return;
    const transaction = await this.ledger.findBySourceKey(tx, `write_off:${writeOffIdOf(invoice)}`);
    // The books may not have followed yet; they won't any more.
    if (!transaction) return;
    await this.ledger.post(tx, reverse({ transaction, reversedAt: this.clock.now(), reason: 'It is paid after all' }));
  }

  /** The invoice's state after what was posted. */
  private async balance(tx: Transaction, { id, state, organizationId }: FinalInvoice): Promise<void> {
    if (state === 'void') return;
    tx.publish({ type: 'billing.invoice_balance_changed', payload: { invoiceId: id, organizationId } });
    const openMinor = await this.reports.openReceivable(tx, { invoiceId: id });
    if (state !== 'finalized') await markBalance(tx, id, { state: 'finalized', openMinor });
    await markBalance(tx, id, { state: openMinor === 0n ? 'paid' : 'finalized', openMinor });
  }
}

const keyOf = (paymentKey: string) => `receive_payment:${paymentKey}`;

/** An invoice may be given up, paid in part after all, and given up again. */
const writeOffIdOf = ({ id, closedAt }: FinalInvoice) => `${id}@${closedAt!.toISOString()}`;

function isAbout({ links }: LedgerTransaction, invoiceId: string): boolean {
  return links.some(({ type, id }) => type === 'invoice' && id === invoiceId);
}

function assertSamePayment(
  recorded: LedgerTransaction,
  { invoiceId, paymentKey, amountMinor }: Omit<RecordedPayment, 'at'>,
) {
  if (isAbout(recorded, invoiceId) && amountOn(recorded.entries, 'cash_clearing') === amountMinor) return;
  throw BILLING_ERRORS.PAYMENT_RECORDED_OTHERWISE({ paymentKey });
}

function carriesBalance({ document }: FinalInvoice): boolean {
  const { carriedInMinor, carriedOutMinor } = JSON.parse(document) as Record<string, string>;
  return carriedInMinor !== '0' || carriedOutMinor !== '0';
}
