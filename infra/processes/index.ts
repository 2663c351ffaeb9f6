export * from './home-lock.js';
export * from './managed-process.js';
export * from './pid-files.js';
export * from './process-identity.js';
export * from './reap.js';
export * from './runtime-home.js';
