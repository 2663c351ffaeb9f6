import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { requireFinalInvoice } from '../invoices/final-invoice.js';
import { findExports, insertExport } from './invoice-export.repository.js';

/**
 * Exports are made when they are asked for, not with the invoice: each holds the usage of its contract from the first day on, so that
 * one for every invoice would keep a month's usage as often as there are invoices after it.
 */
@Injectable()
export class InvoiceExportService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** By either side of the contract. Again it is the same export; one of which nothing came is begun anew. */
  async request(tx: Transaction, invoiceId: string): Promise<void> {
    const invoice = await requireFinalInvoice(tx, invoiceId);
    await insertExport(tx, invoice, this.clock.now());
    const [present] = await findExports(tx, [invoiceId]);
    if (present!.readyAt) return;
    const payload = { invoiceId, organizationId: invoice.organizationId };
    tx.publish({ type: 'billing.invoice_export_requested', key: invoiceId, payload });
  }
}
