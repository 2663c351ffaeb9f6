export type { Contract, Grant, History, UsageEvent, Version } from './history.js';
export { invoicesOf, makeInvoices } from './invoices.js';
export { INVOICING_ERRORS } from './invoicing.errors.js';
export { parseEvent, parseHistory } from './parse-history.js';
export { type Period, periodsOf, versionAt } from './periods.js';
export {
  hashOf,
  type Invoice,
  type InvoiceAdjustment,
  type InvoiceCommitment,
  type InvoiceCredit,
  type InvoiceUsage,
  type Result,
} from './result.js';
export { RuleIndex } from './rule-index.js';
export { firstReceipts, type Place, UsageAccumulator } from './usage-accumulator.js';
