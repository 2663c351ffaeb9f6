export * from './invoice.js';
export * from './prepaid.js';
export * from './publishers.js';
export * from './reversal.js';
export * from './settlement.js';
export * from './usage.js';
