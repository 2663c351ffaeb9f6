import { type DynamicModule, Module } from '@nestjs/common';
import { MailModule } from '#libs/identity';
import { WebhookOutboxModule } from '#libs/webhooks';
import { BillingModule } from '../billing.module.js';
import { ExportMaker } from '../exports/export-maker.js';
import { InvoiceExporter } from '../exports/invoice-exporter.js';
import { type PaymentOptions, PaymentsModule } from '../payments/payments.module.js';
import { BankTransferHandler } from './bank-transfer.handler.js';
import { BillingExportHandler } from './billing-export.handler.js';
import { DunningRun } from './dunning-run.js';
import { InvoiceCollection, NoCollection } from './invoice-collection.js';
import { InvoiceExportHandler } from './invoice-export.handler.js';
import { InvoiceNews } from './invoice-news.handler.js';
import { InvoiceRun } from './invoice-run.js';
import { PaymentApplicationHandler } from './payment-application.handler.js';
import { PaymentEventHandler } from './payment-event.handler.js';
import { PaymentReconciler } from './payment-reconciler.js';
import { PublisherPayoutHandler } from './publisher-payout.handler.js';
import { PublisherShareHandler } from './publisher-share.handler.js';
import { RefundHandler } from './refund.handler.js';
import { UsageAccrualRun } from './usage-accrual-run.js';

@Module({})
export class BillingJobsModule {
  /** Without a payment provider there is nobody to hand invoices to, and nothing to follow. */
  static forRoot(options: PaymentOptions): DynamicModule {
    const collectors = options.stripe ? [InvoiceCollection, PaymentEventHandler, PaymentReconciler] : [NoCollection];
    return {
      module: BillingJobsModule,
      imports: [BillingModule, PaymentsModule.forRoot(options), WebhookOutboxModule, MailModule],
      providers: [
        InvoiceRun,
        DunningRun,
        UsageAccrualRun,
        InvoiceExporter,
        InvoiceExportHandler,
        ExportMaker,
        BillingExportHandler,
        BankTransferHandler,
        InvoiceNews,
        PaymentApplicationHandler,
        PublisherPayoutHandler,
        PublisherShareHandler,
        RefundHandler,
        ...collectors,
      ],
    };
  }
}
