export { AbsentProvider } from './absent.provider.js';
export { stripeOptionsOf } from './settings.js';
export { type StripeOptions, StripeProvider } from './stripe.provider.js';
