export * from './test-environment.js';
export * from './test-organization.js';
