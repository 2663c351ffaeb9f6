import { Module } from '@nestjs/common';
import { BillingModule } from '../billing.module.js';
import { BankTransferFields, BankTransferMutations } from './bank-transfer.resolver.js';
import { BillingMutations } from './billing.mutations.js';
import { BillingQueries, InvoiceFields } from './billing.resolver.js';
import { BillingExportFields, BillingExportMutations, BillingExportQueries } from './billing-export.resolver.js';
import {
  CreditNoteFields,
  CreditNoteMutations,
  CreditNoteQueries,
  InvoiceCreditNotes,
  InvoiceDisputeFields,
} from './credit-note.resolver.js';
import { ForecastQueries } from './forecast.resolver.js';
import { InvoiceExportFields } from './invoice-export.resolver.js';
import { InvoicePaymentFields } from './invoice-payment.resolver.js';
import { LineUsageQueries } from './line-usage.resolver.js';
import { PaymentApplicationFields, PaymentApplicationMutations } from './payment-application.resolver.js';
import {
  PublisherPayoutFields,
  PublisherPayoutMutations,
  PublisherPayoutQueries,
} from './publisher-payout.resolver.js';
import { ReceivablesQueries } from './receivables.resolver.js';
import { ServiceStateQueries } from './service-state.resolver.js';

export { InvoiceType } from './invoice.types.js';

const INVOICES = [
  BillingQueries,
  BillingMutations,
  InvoiceFields,
  InvoiceExportFields,
  BillingExportQueries,
  BillingExportMutations,
  BillingExportFields,
  ForecastQueries,
  BankTransferMutations,
  BankTransferFields,
  PaymentApplicationMutations,
  PaymentApplicationFields,
  InvoicePaymentFields,
  LineUsageQueries,
  ReceivablesQueries,
  ServiceStateQueries,
];
const CREDIT_NOTES = [
  CreditNoteQueries,
  CreditNoteMutations,
  CreditNoteFields,
  InvoiceDisputeFields,
  InvoiceCreditNotes,
];

const PUBLISHERS = [PublisherPayoutQueries, PublisherPayoutMutations, PublisherPayoutFields];

@Module({ imports: [BillingModule], providers: [...INVOICES, ...CREDIT_NOTES, ...PUBLISHERS] })
export class BillingGraphqlModule {}
