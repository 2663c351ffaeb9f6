import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, DAY_MILLISECONDS, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { findDeliveries, findEndpoints } from './webhook.repository.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import type { WebhookEvent } from './webhook-event.js';
import { WEBHOOK_SETTINGS, type WebhookSettings } from './webhook-settings.js';
import type { WebhookSecrets } from './webhook-signing.js';
import { WEBHOOK_ERRORS } from './webhooks.errors.js';

export const MOST_ENDPOINTS = 20;
/** How long the secret before is signed with, after it was rotated. */
export const OVERLAP_DAYS = 1;

export interface NewWebhookEndpoint {
  url: string;
  description: string;
  events: readonly WebhookEvent[];
}

/** An organization's own endpoints. Their secrets are told when they are made, and never again. */
@Injectable()
export class WebhookEndpointService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(WEBHOOK_SETTINGS) private readonly settings: WebhookSettings,
  ) {}

  async create(tx: Transaction, { url, description, events }: NewWebhookEndpoint) {
    const secrets = this.secrets();
    this.settings.allowed.assertAllowed(url);
    await this.assertRoom(tx);
    const id = newId('whe');
    await tx.query(
      `INSERT INTO webhook_endpoints (id, organization_id, url, description, events, created_by, created_at)
       VALUES ($1, :organization, $2, $3, $4, $5, $6)`,
      [id, url, description, [...new Set(events)], tx.scope.actor.id, this.clock.now()],
    );
    return { id, secret: secrets.secret(id, 1) };
  }

  /** The secret before is signed with for another day, so that receivers can change over. */
  async rotateSecret(tx: Transaction, id: string): Promise<string> {
    const secrets = this.secrets();
    const { secretVersion } = await this.hold(tx, id);
    const until = new Date(this.clock.now().getTime() + OVERLAP_DAYS * DAY_MILLISECONDS);
    await tx.query(
      `UPDATE webhook_endpoints SET secret_version = $2, previous_secret_until = $3
       WHERE id = $1 AND organization_id = :organization`,
      [id, secretVersion + 1, until],
    );
    return secrets.secret(id, secretVersion + 1);
  }

  /** After it was disabled; what was not sent meanwhile is sent again by hand. */
  async enable(tx: Transaction, id: string): Promise<void> {
    const { url } = await this.hold(tx, id);
    this.settings.allowed.assertAllowed(url);
    await tx.query(
      `UPDATE webhook_endpoints SET disabled_at = NULL, failing_since = NULL WHERE id = $1 AND organization_id = :organization`,
      [id],
    );
  }

  async remove(tx: Transaction, id: string): Promise<void> {
    await this.hold(tx, id);
    await tx.query(`UPDATE webhook_endpoints SET removed_at = $2 WHERE id = $1 AND organization_id = :organization`, [
      id,
      this.clock.now(),
    ]);
    await dropDue(tx, id);
  }

  /** The same event with the same id, from the first try on; also one that was delivered. */
  async redeliver(tx: Transaction, id: string): Promise<void> {
    const [delivery] = await findDeliveries(tx, [id]);
    const [endpoint] = delivery ? await findEndpoints(tx, [delivery.endpointId]) : [];
    if (!endpoint || endpoint.disabledAt)
      throw WEBHOOK_ERRORS.WEBHOOK_DELIVERY_NOT_FOUND({ id }, { path: ['deliveryId'] });
    await tx.query(
      `UPDATE webhook_deliveries SET next_attempt_at = $2, tries = 0 WHERE id = $1 AND organization_id = :organization`,
      [id, this.clock.now()],
    );
  }

  private secrets(): WebhookSecrets {
    if (!this.settings.secrets) throw WEBHOOK_ERRORS.WEBHOOKS_OFF();
    return this.settings.secrets;
  }

  private async hold(tx: Transaction, id: string): Promise<WebhookEndpoint> {
    await tx.query('SELECT id FROM webhook_endpoints WHERE id = $1 AND organization_id = :organization FOR UPDATE', [
      id,
    ]);
    const [endpoint] = await findEndpoints(tx, [id]);
    if (!endpoint) throw WEBHOOK_ERRORS.WEBHOOK_ENDPOINT_NOT_FOUND({ id }, { path: ['endpointId'] });
    return endpoint;
  }

  private async assertRoom(tx: Transaction): Promise<void> {
    const row = await tx.one<{ count: number }>(
      'SELECT count(*)::int AS count FROM webhook_endpoints WHERE organization_id = :organization AND removed_at IS NULL',
    );
    if (row!.count >= MOST_ENDPOINTS) throw WEBHOOK_ERRORS.WEBHOOK_ENDPOINT_LIMIT({ limit: MOST_ENDPOINTS });
  }
}

/** What is due to an endpoint that takes nothing any more. */
export async function dropDue(tx: Transaction, endpointId: string): Promise<void> {
  await tx.query(
    `UPDATE webhook_deliveries SET next_attempt_at = NULL
     WHERE endpoint_id = $1 AND organization_id = :organization AND next_attempt_at IS NOT NULL`,
    [endpointId],
  );
}
