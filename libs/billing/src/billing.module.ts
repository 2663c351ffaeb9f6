import { Module } from '@nestjs/common';
import { LedgerModule } from '#libs/ledger';
import { CreditGrantService } from './credits/credit-grant.service.js';
import { InvoiceExportService } from './exports/invoice-export.service.js';
import { InvoiceService } from './invoices/invoice.service.js';
import { InvoiceIssuingService } from './invoices/invoice-issuing.service.js';

const SERVICES = [CreditGrantService, InvoiceService, InvoiceIssuingService, InvoiceExportService];

@Module({ imports: [LedgerModule], providers: SERVICES, exports: SERVICES })
export class BillingModule {}
