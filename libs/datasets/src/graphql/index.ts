export * from './datasets.types.js';
export * from './datasets-graphql.module.js';
export * from './preparations.types.js';
export * from './uploads.types.js';
