export * from './invoicing/index.js';
