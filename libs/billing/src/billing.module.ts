import { Module } from '@nestjs/common';
import { AuditModule } from '#libs/audit';
import { ContractsModule } from '#libs/contracts';
import { MailModule } from '#libs/identity';
import { LedgerModule } from '#libs/ledger';
import { WebhookOutboxModule } from '#libs/webhooks';
import { UsageAccrualService } from './accruals/usage-accrual.service.js';
import { BankTransferService } from './bank-transfers/bank-transfer.service.js';
import { CreditNoteService } from './credit-notes/credit-note.service.js';
import { CreditGrantService } from './credits/credit-grant.service.js';
import { InvoiceDisputeService } from './disputes/invoice-dispute.service.js';
import { InvoiceDocumentService } from './documents/invoice-document.service.js';
import { DunningService } from './dunning/dunning.service.js';
import { BillingExportService } from './exports/billing-export.service.js';
import { InvoiceExportService } from './exports/invoice-export.service.js';
import { InvoiceService } from './invoices/invoice.service.js';
import { InvoiceIssuingService } from './invoices/invoice-issuing.service.js';
import { PaymentApplicationService } from './payment-applications/payment-application.service.js';
import { PublisherPayoutService } from './publisher-payouts/publisher-payout.service.js';
import { PublisherShareService } from './publisher-shares/publisher-share.service.js';
import { RefundService } from './refunds/refund.service.js';

const SERVICES = [
  CreditGrantService,
  InvoiceService,
  InvoiceIssuingService,
  UsageAccrualService,
  InvoiceExportService,
  BillingExportService,
  BankTransferService,
  DunningService,
  CreditNoteService,
  InvoiceDisputeService,
  InvoiceDocumentService,
  PaymentApplicationService,
  PublisherPayoutService,
  PublisherShareService,
  RefundService,
];

@Module({
  imports: [AuditModule, ContractsModule, LedgerModule, MailModule, WebhookOutboxModule],
  providers: SERVICES,
  exports: SERVICES,
})
export class BillingModule {}
