export { BillingJobsModule } from './billing-jobs.module.js';
