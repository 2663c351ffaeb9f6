export * from './database.js';
export * from './database.module.js';
export * from './roles.js';
export * from './scope.js';
export * from './transaction.js';
