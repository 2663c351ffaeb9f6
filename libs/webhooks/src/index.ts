export * from './allowed-hosts.js';
export * from './webhook-event.js';
export * from './webhook-outbox.js';
export * from './webhook-settings.js';
export * from './webhooks.errors.js';
export * from './webhooks.module.js';
