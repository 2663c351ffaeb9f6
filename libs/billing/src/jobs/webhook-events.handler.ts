import { Injectable } from '@nestjs/common';
import { WebhookOutbox } from '#libs/webhooks';
import { Database, type Scope, type Transaction } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { billingScope } from '../billing-scope.js';
import type { IssuedInvoice } from '../invoices/invoice.js';
import { findInvoices } from '../invoices/invoice.repository.js';
import { invoiceEvent } from '../invoices/invoice-event.js';

/** Tells a partner's webhook endpoints of its invoices. */
@Injectable()
export class InvoiceWebhooks {
  constructor(
    private readonly database: Database,
    private readonly webhooks: WebhookOutbox,
  ) {}

  @HandlesMessage('billing.invoice_finalized')
  async finalized({ payload }: Message<'billing.invoice_finalized'>, scope: Scope): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const invoice = await invoiceOf(tx, payload.invoiceId);
      await this.webhooks.post(tx, invoiceEvent(invoice, 'invoice.finalized'));
    });
  }

  /** Once per invoice that was paid: one that bounced and is paid again is asked for by whoever cares. */
  @HandlesMessage('billing.invoice_balance_changed')
  async balanced({ payload }: Message<'billing.invoice_balance_changed'>): Promise<void> {
    const { organizationId, invoiceId } = payload;
    await this.database.transaction(billingScope(organizationId), async (tx) => {
      const invoice = await invoiceOf(tx, invoiceId);
      if (invoice.state === 'paid') await this.webhooks.post(tx, invoiceEvent(invoice, 'invoice.paid'));
    });
  }
}

async function invoiceOf(tx: Transaction, id: string): Promise<IssuedInvoice> {
  const [invoice] = await findInvoices(tx, [id]);
  if (!invoice) throw new Error(`there is no invoice ${id}`);
  return invoice;
}
