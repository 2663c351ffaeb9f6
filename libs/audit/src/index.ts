export * from './audit.module.js';
export { AuditService, type Verification } from './audit.service.js';
export type { AuditEntry, ChainFault, ChainHead } from './audit-chain.js';
