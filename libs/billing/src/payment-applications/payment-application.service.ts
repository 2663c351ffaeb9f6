import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, type Currency, larger, smaller } from '#libs/kernel';
import { LedgerReports } from '#libs/ledger';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import { requireFinalInvoice } from '../invoices/final-invoice.js';
import type { IssuedInvoice } from '../invoices/invoice.js';
import { InvoiceService } from '../invoices/invoice.service.js';
import { isHandedOver } from '../payments/payments.repository.js';
import { requestedMinor } from '../refunds/refund.repository.js';
import type { PaymentApplication } from './payment-application.js';
import {
  applicationsOf,
  holdUnapplied,
  insertApplication,
  lockApplication,
  markApplied,
  requestedApplications,
} from './payment-application.repository.js';

/** What partners paid beyond what was due pays later invoices, where the lab says so. */
@Injectable()
export class PaymentApplicationService {
  constructor(
    private readonly invoices: InvoiceService,
    private readonly reports: LedgerReports,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** By the lab; the books follow by a message. `amountMinor` null: as much as there is. */
  async request(
    tx: Transaction,
    { invoiceId, amountMinor }: { invoiceId: string; amountMinor: bigint | null },
  ): Promise<void> {
    if (amountMinor !== null && amountMinor <= 0n)
      throw BILLING_ERRORS.APPLICATION_EMPTY({}, { path: ['amountMinor'] });
    const invoice = await requireFinalInvoice(tx, invoiceId);
    await holdUnapplied(tx, invoice.organizationId);
    const applicableMinor = await this.requireApplicable(tx, invoice);
    const asked = amountMinor ?? applicableMinor;
    if (asked > applicableMinor) throw exceeds(asked, applicableMinor);
    const id = await insertApplication(tx, invoice, { amountMinor: asked, at: this.clock.now() });
    const payload = { paymentApplicationId: id, organizationId: invoice.organizationId };
    tx.publish({ type: 'billing.payment_application_requested', key: id, payload });
  }

  /** Brings it into the books, once. By the system, in the scope of the partner. */
  async post(tx: Transaction, id: string): Promise<void> {
    const application = await lockApplication(tx, id);
    if (!application) throw new Error(`there is no payment application ${id} of ${tx.scope.organizationId}`);
    if (application.postedAt) return;
    const { invoiceId, amountMinor } = application;
    const appliedMinor = await this.invoices.applyUnapplied(tx, { invoiceId, applicationId: id, amountMinor });
    await markApplied(tx, id, { appliedMinor, at: this.clock.now() });
  }

  of(tx: Transaction, invoiceIds: readonly string[]): Promise<PaymentApplication[]> {
    return applicationsOf(tx, invoiceIds);
  }

  /** What a partner paid and no invoice used, less what was asked for already: to be applied, or to go back. */
  async unapplied(tx: Transaction, whose: { organizationId: string; currency: Currency }): Promise<bigint> {
    const heldMinor = await this.reports.balance(tx, { ...whose, account: 'unapplied_payments' });
    const promisedMinor = (await requestedApplications(tx, whose)) + (await requestedMinor(tx, whose));
    return larger(heldMinor - promisedMinor, 0n);
  }

  private async requireApplicable(tx: Transaction, invoice: IssuedInvoice): Promise<bigint> {
    const { id, state, openMinor, organizationId, currency } = invoice;
    const path = ['invoiceId'];
    if (!openMinor || state !== 'finalized') throw BILLING_ERRORS.APPLICATION_NOTHING_OPEN({ id, state }, { path });
    if (await isHandedOver(tx, id)) throw BILLING_ERRORS.INVOICE_COLLECTED_ELSEWHERE({ id }, { path });
    const applicableMinor = smaller(openMinor, await this.unapplied(tx, { organizationId, currency }));
    if (applicableMinor === 0n)
      throw BILLING_ERRORS.APPLICATION_NOTHING_UNAPPLIED({ organizationId, currency }, { path });
    return applicableMinor;
  }
}

function exceeds(amountMinor: bigint, applicableMinor: bigint) {
  const amounts = { amountMinor: amountMinor.toString(), applicableMinor: applicableMinor.toString() };
  return BILLING_ERRORS.APPLICATION_EXCEEDS(amounts, { path: ['amountMinor'] });
}
