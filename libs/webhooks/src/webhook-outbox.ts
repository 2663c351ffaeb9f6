import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { WebhookEvent } from './webhook-event.js';

export interface NewWebhookEvent {
  /** What it tells of, so that it is told once: posted again under it, nothing is sent again. */
  key: string;
  type: WebhookEvent;
  /** Ids and what is needed to decide whether to ask for more. Amounts are strings of whole minor units beside their currency. */
  data: Record<string, string | number | boolean | null>;
}

/** Events for an organization's own endpoints, written in the transaction that they tell of, and sent later by the worker. */
@Injectable()
export class WebhookOutbox {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** To the endpoints of the scope's organization that want it, by the system; gives their number. */
  async post(tx: Transaction, { key, type, data }: NewWebhookEvent): Promise<number> {
    const now = this.clock.now();
    // Whoever ends one meanwhile waits, and drops what is written here; what was ended before is not found.
    const endpoints = await tx.query<{ id: string }>(
      `SELECT id FROM webhook_endpoints WHERE organization_id = :organization AND removed_at IS NULL AND disabled_at IS NULL
         AND $1 = ANY(events) FOR SHARE`,
      [type],
    );
    if (endpoints.length === 0) return 0;
    const body = JSON.stringify({ type, timestamp: now.toISOString(), data });
    const rows = await tx.query(
      `INSERT INTO webhook_deliveries (id, organization_id, endpoint_id, event_id, key, type, body, created_at, next_attempt_at)
       SELECT delivery.id, :organization, delivery.endpoint_id, $3, $4, $5, $6, $7, $7
       FROM unnest($1::text[], $2::text[]) AS delivery(id, endpoint_id)
       ON CONFLICT (endpoint_id, type, key) DO NOTHING RETURNING id`,
      [endpoints.map(() => newId('whd')), endpoints.map(({ id }) => id), newId('whev'), key, type, body, now],
    );
    return rows.length;
  }
}
