import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import { requireFinalInvoice } from '../invoices/final-invoice.js';
import { InvoiceService } from '../invoices/invoice.service.js';
import { isHandedOver } from '../payments/payments.repository.js';
import type { BankTransfer, ReceivedTransfer } from './bank-transfer.js';
import { bankTransfersOf, insertBankTransfer, lockBankTransfer, markPosted } from './bank-transfer.repository.js';

/** Payments that somebody of the lab read off a bank statement: the way where no provider collects, as on a network without a way out. */
@Injectable()
export class BankTransferService {
  constructor(
    private readonly invoices: InvoiceService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** By the lab; the books follow by a message. The same reference again is the same transfer. */
  async record(tx: Transaction, received: ReceivedTransfer): Promise<void> {
    const { invoiceId, reference, amountMinor, receivedAt } = received;
    if (amountMinor <= 0n) throw BILLING_ERRORS.BANK_TRANSFER_EMPTY({}, { path: ['amountMinor'] });
    const invoice = await requireFinalInvoice(tx, invoiceId);
    if (await isHandedOver(tx, invoiceId))
      throw BILLING_ERRORS.INVOICE_COLLECTED_ELSEWHERE({ id: invoiceId }, { path: ['invoiceId'] });
    const now = this.clock.now();
    if (receivedAt > now) throw BILLING_ERRORS.BANK_TRANSFER_IN_FUTURE({}, { path: ['receivedAt'] });
    await insertBankTransfer(tx, invoice, received, now);
    const recorded = (await bankTransfersOf(tx, [invoiceId])).find((one) => one.reference === reference)!;
    if (recorded.amountMinor !== amountMinor)
      throw BILLING_ERRORS.BANK_TRANSFER_DIFFERS({ reference, invoiceId }, { path: ['reference'] });
    const payload = { bankTransferId: recorded.id, organizationId: invoice.organizationId };
    tx.publish({ type: 'billing.bank_transfer_recorded', key: recorded.id, payload });
  }

  /** Brings it into the books, once. By the system, in the scope of the partner. */
  async post(tx: Transaction, id: string): Promise<void> {
    const transfer = await lockBankTransfer(tx, id);
    if (!transfer) throw new Error(`there is no bank transfer ${id} of ${tx.scope.organizationId}`);
    if (transfer.postedAt) return;
    const { invoiceId, amountMinor, receivedAt: at } = transfer;
    await this.invoices.recordPayment(tx, { invoiceId, paymentKey: id, amountMinor, at });
    await markPosted(tx, id, this.clock.now());
  }

  of(tx: Transaction, invoiceIds: readonly string[]): Promise<BankTransfer[]> {
    return bankTransfersOf(tx, invoiceIds);
  }
}
