export * from './openai-contract.js';
export * from './running-platform.js';
export * from './test-checkpoint.js';
export * from './test-environment.js';
export * from './test-graphql.js';
export * from './test-organization.js';
