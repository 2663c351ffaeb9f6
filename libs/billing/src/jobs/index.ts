import { Module } from '@nestjs/common';
import { BillingModule } from '../billing.module.js';
import { InvoiceRun } from './invoice-run.js';

export { InvoiceRun };

@Module({ imports: [BillingModule], providers: [InvoiceRun] })
export class BillingJobsModule {}
