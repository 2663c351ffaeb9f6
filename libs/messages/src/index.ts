export * from './compute.js';
export * from './define.js';
export * from './leases.js';
export * from './registry.js';
export * from './trainer/index.js';
