export { BillingJobsModule } from './billing-jobs.module.js';
export { DunningRun } from './dunning-run.js';
export { InvoiceRun } from './invoice-run.js';
