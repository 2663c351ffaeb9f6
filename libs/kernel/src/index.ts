export * from './clock.js';
export * from './currencies.js';
export * from './errors.js';
export * from './ids.js';
export * from './json.js';
export * from './meters.js';
export * from './money.js';
export * from './states.js';
