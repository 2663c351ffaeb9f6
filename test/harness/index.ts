// Every part of the harness has its line here; specs and journeys of all domains lean on each of them.

export * from './free-port.js';
export * from './issue-invoices.js';
export * from './openai-contract.js';
export * from './own-platform.js';
export * from './running-platform.js';
export * from './test-checkpoint.js';
export * from './test-contract.js';
export * from './test-environment.js';
export * from './test-graphql.js';
export * from './test-listing.js';
export * from './test-organization.js';
export * from './test-service-stop.js';
