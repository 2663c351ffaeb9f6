import { Injectable } from '@nestjs/common';
import { MailOutbox } from '#libs/identity';
import { WebhookOutbox } from '#libs/webhooks';
import { Database, type Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { billingScope } from '../billing-scope.js';
import { InvoiceDocumentService } from '../documents/invoice-document.service.js';
import { issuedMail, paidMail } from '../documents/invoice-mail.js';
import { requireFinalInvoice } from '../invoices/final-invoice.js';
import { invoiceEvent } from '../invoices/invoice-event.js';

const READERS = 'invoices:read';

/** Tells a partner of its invoices: its webhook endpoints, and by mail those who read invoices. Each piece of news once. */
@Injectable()
export class InvoiceNews {
  constructor(
    private readonly database: Database,
    private readonly documents: InvoiceDocumentService,
    private readonly webhooks: WebhookOutbox,
    private readonly mails: MailOutbox,
  ) {}

  @HandlesMessage('billing.invoice_finalized')
  async finalized({ payload }: Message<'billing.invoice_finalized'>, scope: Scope): Promise<void> {
    const { invoiceId } = payload;
    await this.database.transaction(scope, async (tx) => {
      const invoice = await requireFinalInvoice(tx, invoiceId);
      const mail = issuedMail(invoice, await this.documents.sheet(tx, invoiceId));
      await this.webhooks.post(tx, invoiceEvent(invoice, 'invoice.finalized'));
      await this.mails.post(tx, { key: `invoice.finalized:${invoiceId}`, permission: READERS, ...mail });
    });
  }

  /** Once per invoice that was paid: one that bounced and is paid again is asked for by whoever cares. */
  @HandlesMessage('billing.invoice_balance_changed')
  async balanced({ payload }: Message<'billing.invoice_balance_changed'>): Promise<void> {
    const { organizationId, invoiceId } = payload;
    await this.database.transaction(billingScope(organizationId), async (tx) => {
      const invoice = await requireFinalInvoice(tx, invoiceId);
      if (invoice.state !== 'paid') return;
      await this.webhooks.post(tx, invoiceEvent(invoice, 'invoice.paid'));
      await this.mails.post(tx, { key: `invoice.paid:${invoiceId}`, permission: READERS, ...paidMail(invoice) });
    });
  }
}
