export * from './compute-jobs.module.js';
export { type ComputeJobsSettings, DEFAULT_GRACE } from './compute-jobs.settings.js';
export { Dispatcher } from './dispatcher.js';
export type { AttemptSubmission, Driver, Observation } from './drivers/driver.js';
export { LocalDriver, type LocalDriverOptions } from './drivers/local/local-driver.js';
export { Supervisor } from './supervisor.js';
