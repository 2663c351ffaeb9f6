export { IdentityJobsModule, type SmtpOptions } from './identity-jobs.module.js';
