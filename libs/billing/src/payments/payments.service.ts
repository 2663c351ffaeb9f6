import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { billingScope } from '../billing-scope.js';
import type { CreditNote } from '../credit-notes/credit-note.js';
import { InvoiceService } from '../invoices/invoice.service.js';
import {
  PAYMENT_PROVIDER,
  type PayableInvoice,
  type Payer,
  type PaymentProvider,
  type ProviderPayment,
} from './payment-provider.js';
import { PaymentRefunds } from './payment-refunds.js';
import { merged, stateOf } from './payment-state.js';
import { PAYMENT_ERRORS } from './payments.errors.js';
import {
  findCustomer,
  findInvoice,
  lockInvoice,
  type PaymentInvoice,
  recordReceipt,
  saveCustomer,
  saveInvoice,
  updateState,
} from './payments.repository.js';

/**
 * Hands invoices to the payment provider and keeps what is known of them there. Calls to the provider are made outside of transactions, each can be
 * made again, and what is kept only grows: a message may be handled twice, and a process may die between any two steps.
 */
@Injectable()
export class Payments {
  constructor(
    private readonly database: Database,
    private readonly invoices: InvoiceService,
    private readonly refunds: PaymentRefunds,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Issues a finalized invoice that asks for money, once. */
  async issue(invoice: PayableInvoice, payer: Payer): Promise<PaymentInvoice> {
    const scope = billingScope(invoice.organizationId);
    const known = await this.database.read(scope, (tx) => findInvoice(tx, invoice.id));
    if (known) return known;
    const issued = await this.provider.issueInvoice(invoice, await this.customerOf(scope, payer));
    await this.database.transaction(scope, (tx) => saveInvoice(tx, invoice, issued, this.clock.now()));
    // Events that came before this was on record found nothing to apply to: what they told is seen now.
    await this.refresh(invoice.organizationId, issued.id);
    return this.require(scope, invoice.id);
  }

  /** Looks an invoice up at the provider and takes over what is new: its state, every payment that is not booked yet or bounced, and what became of refunds. */
  async refresh(organizationId: string, providerInvoiceId: string): Promise<void> {
    const seen = await this.provider.invoice(providerInvoiceId);
    const payments = seen.paidMinor > 0n ? await this.provider.payments(providerInvoiceId) : [];
    const now = this.clock.now();
    const invoiceId = await this.database.transaction(billingScope(organizationId), async (tx) => {
      const known = await lockInvoice(tx, providerInvoiceId);
      if (!known) return null;
      const { invoiceId } = known;
      await updateState(tx, invoiceId, { ...merged(known, stateOf(seen)), hostedUrl: seen.hostedUrl });
      for (const payment of payments) await this.book(tx, invoiceId, payment, now);
      return invoiceId;
    });
    if (invoiceId) await this.refunds.refresh(organizationId, invoiceId);
  }

  /** Asks for nothing any more; what was paid before stays paid. Null for an invoice that was not handed over. */
  void(organizationId: string, invoiceId: string): Promise<PaymentInvoice | null> {
    return this.conclude(organizationId, invoiceId, (id) => this.provider.voidInvoice(id));
  }

  /** It may still be paid. Null for an invoice that was not handed over. */
  markUncollectible(organizationId: string, invoiceId: string): Promise<PaymentInvoice | null> {
    return this.conclude(organizationId, invoiceId, (id) => this.provider.markUncollectible(id));
  }

  /** Asks for that much less; what of it was paid already is owed by us. Null for an invoice that was not handed over. */
  credit(organizationId: string, note: CreditNote): Promise<PaymentInvoice | null> {
    const { id: creditNoteId, invoiceId, lines, paidMinor, reason } = note;
    return this.conclude(organizationId, invoiceId, (providerInvoiceId) =>
      this.provider.creditNote({ creditNoteId, providerInvoiceId, lines, paidMinor: paidMinor ?? 0n, reason }),
    );
  }

  /** Where the customer pays an invoice. */
  async hostedInvoiceUrl(scope: Scope, invoiceId: string): Promise<string | null> {
    return (await this.require(scope, invoiceId)).hostedUrl;
  }

  async billingPortalUrl(payer: Payer, returnUrl: string): Promise<string> {
    const customerId = await this.customerOf(billingScope(payer.organizationId), payer);
    return this.provider.billingPortalUrl(customerId, returnUrl);
  }

  private async book(tx: Transaction, invoiceId: string, payment: ProviderPayment, now: Date): Promise<void> {
    const { id: paymentKey, amountMinor, paidAt: at, bouncedAt } = payment;
    if (await recordReceipt(tx, invoiceId, payment, now))
      await this.invoices.recordPayment(tx, { invoiceId, paymentKey, amountMinor, at });
    if (!bouncedAt) return;
    const reversal = {
      invoiceId,
      paymentKey,
      at: bouncedAt,
      reason: 'The payment was disputed, and the money went back',
    };
    await this.invoices.recordPaymentReversal(tx, reversal);
  }

  private async conclude(
    organizationId: string,
    invoiceId: string,
    act: (providerInvoiceId: string) => Promise<unknown>,
  ): Promise<PaymentInvoice | null> {
    const scope = billingScope(organizationId);
    const known = await this.database.read(scope, (tx) => findInvoice(tx, invoiceId));
    if (!known) return null;
    const { providerInvoiceId } = known;
    await act(providerInvoiceId);
    await this.refresh(organizationId, providerInvoiceId);
    return this.require(scope, invoiceId);
  }

  private async customerOf(scope: Scope, payer: Payer): Promise<string> {
    const known = await this.database.read(scope, findCustomer);
    if (known) return known;
    const customerId = await this.provider.ensureCustomer(payer);
    await this.database.transaction(scope, (tx) => saveCustomer(tx, customerId, this.clock.now()));
    return customerId;
  }

  private async require(scope: Scope, invoiceId: string): Promise<PaymentInvoice> {
    const known = await this.database.read(scope, (tx) => findInvoice(tx, invoiceId));
    if (!known) throw PAYMENT_ERRORS.PAYMENT_INVOICE_UNKNOWN({ invoiceId });
    return known;
  }
}
