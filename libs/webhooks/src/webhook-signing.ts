import { hkdfSync } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** Secrets follow from the platform's key, so that none is stored: who reads the database can sign nothing. */
export class WebhookSecrets {
  constructor(private readonly key: string) {}

  /** Of an endpoint, as https://www.standardwebhooks.com writes it. */
  secret(endpointId: string, version: number): string {
    const bytes = hkdfSync('sha256', this.key, endpointId, `webhook secret ${version}`, 32);
    return `whsec_${Buffer.from(bytes).toString('base64')}`;
  }

  /** The headers of a delivery, signed by each of the secrets that hold. */
  headers(delivery: { eventId: string; body: string; at: Date; secrets: readonly string[] }): Record<string, string> {
    const { eventId, body, at, secrets } = delivery;
    return {
      'webhook-id': eventId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(' '),
    };
  }
}
