export * from './inference-statistics.js';
export * from './intake/usage-intake.js';
export { UsageJournal } from './intake/usage-journal.js';
export * from './intake/usage-store.js';
export * from './usage.errors.js';
export * from './usage.module.js';
export * from './usage.service.js';
export * from './usage.state.js';
export * from './usage-summary.service.js';
