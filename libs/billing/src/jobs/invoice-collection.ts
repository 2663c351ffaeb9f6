import { Injectable } from '@nestjs/common';
import { findContracts } from '#libs/contracts';
import { Database } from '#platform/database';
import type { Message } from '#platform/outbox';
import { type HandlerOptions, HandlesMessage } from '#platform/queue';
import { billingScope } from '../billing-scope.js';
import { creditNotesOf } from '../credit-notes/credit-note.repository.js';
import { type FinalInvoice, isFinal } from '../invoices/invoice.js';
import { InvoiceService } from '../invoices/invoice.service.js';
import { payableInvoiceOf, payerOf } from '../payments/payable-invoice.js';
import { Payments } from '../payments/payments.service.js';

/** The provider may be away for hours. */
export const COLLECTION: HandlerOptions = { maxAttempts: 60 };

/**
 * Has the payment provider ask for what is due, and no more for what the lab took back or gave up. A message says where to look: what is
 * done follows from the invoice as it stands, so the two kinds may come in any order, at once and again.
 */
@Injectable()
export class InvoiceCollection {
  constructor(
    private readonly database: Database,
    private readonly invoices: InvoiceService,
    private readonly payments: Payments,
  ) {}

  @HandlesMessage('billing.invoice_finalized', COLLECTION)
  async finalized({ organizationId, payload }: Message<'billing.invoice_finalized'>): Promise<void> {
    await this.follow(organizationId, payload.invoiceId);
  }

  @HandlesMessage('billing.invoice_closed', COLLECTION)
  async closed({ payload: { organizationId, invoiceId } }: Message<'billing.invoice_closed'>): Promise<void> {
    await this.follow(organizationId, invoiceId);
  }

  @HandlesMessage('billing.credit_note_issued', COLLECTION)
  async credited({ payload: { organizationId, invoiceId } }: Message<'billing.credit_note_issued'>): Promise<void> {
    const scope = billingScope(organizationId);
    // The books say what of it was paid; whether they did already depends on which handler came first.
    await this.database.transaction(scope, (tx) => this.invoices.postCreditNotes(tx, invoiceId));
    await this.follow(organizationId, invoiceId);
    for (const note of await this.database.read(scope, (tx) => creditNotesOf(tx, invoiceId)))
      await this.payments.credit(organizationId, note);
  }

  private async follow(organizationId: string, invoiceId: string): Promise<void> {
    const invoice = await this.find(organizationId, invoiceId);
    // One of which nothing is due is paid from the start.
    if (invoice.state === 'finalized') await this.issue(invoice);
    // It may have been closed while it was issued, and who handles that have found nothing issued yet.
    const { state } = await this.find(organizationId, invoiceId);
    if (state === 'void') await this.payments.void(organizationId, invoiceId);
    if (state === 'uncollectible') await this.payments.markUncollectible(organizationId, invoiceId);
  }

  private async issue(invoice: FinalInvoice): Promise<void> {
    const { organizationId, contractId } = invoice;
    const [contract] = await this.database.read(billingScope(organizationId), (tx) => findContracts(tx, [contractId]));
    await this.payments.issue(payableInvoiceOf(invoice, contract!), payerOf(contract!));
  }

  private async find(organizationId: string, invoiceId: string): Promise<FinalInvoice> {
    const invoice = await this.database.read(billingScope(organizationId), (tx) => this.invoices.find(tx, invoiceId));
    if (!invoice || !isFinal(invoice)) throw new Error(`${invoiceId} is no final invoice of ${organizationId}`);
    return invoice;
  }
}

/** Where nobody collects: what is final asks nothing of anybody, and its message does not wait for ever. */
@Injectable()
export class NoCollection {
  @HandlesMessage('billing.invoice_finalized')
  async finalized(): Promise<void> {}
}
