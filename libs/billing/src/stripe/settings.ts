import type { StripeOptions } from './stripe.provider.js';

/** As the environment names them; docs/guides/stripe.md says what they are. */
export interface StripeEnvironment {
  STRIPE_API_KEY?: string;
  STRIPE_WEBHOOK_SECRET?: string;
  STRIPE_API_URL?: string;
  STRIPE_TAX?: '0' | '1';
}

/** Null without a key: nothing is collected then. */
export function stripeOptionsOf(environment: StripeEnvironment): StripeOptions | null {
  const { STRIPE_API_KEY: apiKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = environment;
  if (!apiKey || !webhookSecret) return null;
  return { apiKey, webhookSecret, apiUrl: environment.STRIPE_API_URL, stripeTax: environment.STRIPE_TAX === '1' };
}
