export * from './datasets-jobs.module.js';
