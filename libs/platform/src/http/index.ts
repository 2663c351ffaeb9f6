export * from './domain-error.filter.js';
export * from './health.controller.js';
export * from './openai-error.js';
export * from './server.js';
