import { createHmac } from 'node:crypto';

export interface SignedWebhook {
  /** The exact bytes that are signed. */
  body: string;
  headers: { 'stripe-signature': string; 'content-type': string };
}

/** Stripe's scheme v1: HMAC-SHA256 over the time and the body, under the endpoint's secret. `at` is in seconds. */
export function signWebhook(event: object, { secret, at }: { secret: string; at: number }): SignedWebhook {
  const body = JSON.stringify(event, null, 2);
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  const headers = { 'stripe-signature': `t=${at},v1=${signature}`, 'content-type': 'application/json; charset=utf-8' };
  return { body, headers };
}
