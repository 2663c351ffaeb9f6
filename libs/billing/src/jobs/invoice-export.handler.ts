import { Injectable } from '@nestjs/common';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { InvoiceExporter } from '../exports/invoice-exporter.js';

@Injectable()
export class InvoiceExportHandler {
  constructor(private readonly exporter: InvoiceExporter) {}

  /** In the scope of the partner, whoever asked. */
  @HandlesMessage('billing.invoice_export_requested')
  requested({ payload }: Message<'billing.invoice_export_requested'>): Promise<void> {
    return this.exporter.make(payload.organizationId, payload.invoiceId);
  }
}
