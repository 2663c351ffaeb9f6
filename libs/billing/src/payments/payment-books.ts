import { Injectable } from '@nestjs/common';
import type { Currency } from '#libs/kernel';
import { LedgerReports, LedgerService, receivePayment } from '#libs/ledger';
import type { Transaction } from '#platform/database';

export interface ReceivedMoney {
  invoiceId: string;
  /** Of this one payment, for ever. */
  paymentKey: string;
  currency: Currency;
  amountMinor: bigint;
  at: Date;
}

/** Books money that arrived for an invoice: once per key, whatever is asked. It pays that invoice and nothing else. */
@Injectable()
export class PaymentBooks {
  constructor(
    private readonly ledger: LedgerService,
    private readonly reports: LedgerReports,
  ) {}

  async recordPayment(tx: Transaction, received: ReceivedMoney): Promise<void> {
    const { invoiceId, paymentKey: paymentId, currency, amountMinor, at: receivedAt } = received;
    await this.ledger.hold(tx);
    if (await this.ledger.findBySourceKey(tx, `receive_payment:${paymentId}`)) return;
    const openMinor = await this.reports.openReceivable(tx, { invoiceId });
    await this.ledger.post(tx, receivePayment({ paymentId, invoiceId, currency, receivedAt, amountMinor, openMinor }));
  }
}
