export { type Failure, FakeStripe } from './fake-stripe.js';
export { signWebhook } from './webhooks.js';
