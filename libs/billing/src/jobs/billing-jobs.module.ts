import { type DynamicModule, Module } from '@nestjs/common';
import { BillingModule } from '../billing.module.js';
import { InvoiceExporter } from '../exports/invoice-exporter.js';
import { type PaymentOptions, PaymentsModule } from '../payments/payments.module.js';
import { InvoiceCollection, NoCollection } from './invoice-collection.js';
import { InvoiceExportHandler } from './invoice-export.handler.js';
import { InvoiceRun } from './invoice-run.js';
import { PaymentEventHandler } from './payment-event.handler.js';
import { PaymentReconciler } from './payment-reconciler.js';

@Module({})
export class BillingJobsModule {
  /** Without a payment provider there is nobody to hand invoices to, and nothing to follow. */
  static forRoot(options: PaymentOptions): DynamicModule {
    const collectors = options.stripe ? [InvoiceCollection, PaymentEventHandler, PaymentReconciler] : [NoCollection];
    return {
      module: BillingJobsModule,
      imports: [BillingModule, PaymentsModule.forRoot(options)],
      providers: [InvoiceRun, InvoiceExporter, InvoiceExportHandler, ...collectors],
    };
  }
}
