export * from './comparison.js';
export * from './evaluations.errors.js';
export * from './evaluations.module.js';
export * from './evaluations.service.js';
export * from './run.js';
export * from './run.state.js';
export * from './suite.js';
