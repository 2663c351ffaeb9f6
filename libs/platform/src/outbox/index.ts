export * from './listener.js';
export * from './message.js';
export * from './outbox.js';
export * from './relay.js';
