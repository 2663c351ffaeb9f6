export * from './evaluations-jobs.module.js';
