export * from './invoicing/index.js';
export * from './payments/index.js';
export { type StripeOptions, StripeProvider, stripeOptionsOf } from './stripe/index.js';
