import { Module } from '@nestjs/common';
import { BillingModule } from '../billing.module.js';
import { BillingMutations } from './billing.mutations.js';
import { BillingQueries, InvoiceFields } from './billing.resolver.js';
import { InvoiceExportFields } from './invoice-export.resolver.js';

export { InvoiceType } from './invoice.types.js';

@Module({ imports: [BillingModule], providers: [BillingQueries, BillingMutations, InvoiceFields, InvoiceExportFields] })
export class BillingGraphqlModule {}
