export * from './events.js';
export * from './files.js';
export * from './http.js';
export * from './job-spec.js';
export * from './reports.js';
