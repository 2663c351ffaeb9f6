export * from './billing.errors.js';
export * from './billing.module.js';
export * from './credits/credit-grant.js';
export * from './credits/credit-grant.service.js';
export * from './invoices/invoice.js';
export * from './invoices/invoice.service.js';
export * from './invoices/invoice-issuing.service.js';
export * from './invoicing/index.js';
