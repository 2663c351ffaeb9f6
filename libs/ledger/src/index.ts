export * from '#libs/kernel';
export * from './chart.js';
export * from './journal.js';
export * from './ledger.errors.js';
export * from './ledger.module.js';
export * from './ledger.service.js';
export * from './ledger-reports.js';
export * from './ledger-statement.js';
export * from './meters.js';
export {
  amountOn,
  type Entry,
  type LedgerTransaction,
  type Link,
  POSTING_KINDS,
  type Posting,
  type PostingKind,
} from './posting.js';
export * from './rules/index.js';
