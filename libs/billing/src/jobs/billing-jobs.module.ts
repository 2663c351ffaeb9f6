import { type DynamicModule, Module } from '@nestjs/common';
import { type PaymentOptions, PaymentsModule } from '#libs/billing';
import { BillingModule } from '../billing.module.js';
import { InvoiceExportHandler } from './invoice-export.handler.js';
import { InvoiceRun } from './invoice-run.js';
import { PaymentEventHandler } from './payment-event.handler.js';
import { PaymentReconciler } from './payment-reconciler.js';

@Module({})
export class BillingJobsModule {
  /** Without a payment provider there is nothing to follow. */
  static forRoot(options: PaymentOptions): DynamicModule {
    const followers = options.stripe ? [PaymentEventHandler, PaymentReconciler] : [];
    return {
      module: BillingJobsModule,
      imports: [BillingModule, PaymentsModule.forRoot(options)],
      providers: [InvoiceRun, InvoiceExportHandler, ...followers],
    };
  }
}
