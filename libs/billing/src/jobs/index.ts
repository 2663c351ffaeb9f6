export { BillingJobsModule } from './billing-jobs.module.js';
export { InvoiceRun } from './invoice-run.js';
