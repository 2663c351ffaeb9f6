import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import type { WebhookAttempt, WebhookDelivery, WebhookEndpoint } from './webhook-endpoint.js';

const ENDPOINT = `e.id, e.organization_id AS "organizationId", e.url, e.description, e.events, e.secret_version AS "secretVersion",
  e.previous_secret_until AS "previousSecretUntil", e.created_at AS "createdAt", e.failing_since AS "failingSince",
  e.disabled_at AS "disabledAt"`;
const DELIVERY = `d.id, d.endpoint_id AS "endpointId", d.event_id AS "eventId", d.type, d.body, d.created_at AS "createdAt",
  d.next_attempt_at AS "nextAttemptAt", d.delivered_at AS "deliveredAt"`;
const OWN_ENDPOINT = 'e.organization_id = :organization AND e.removed_at IS NULL';

export function findEndpoints(tx: Transaction, ids: readonly string[]): Promise<WebhookEndpoint[]> {
  return tx.query(`SELECT ${ENDPOINT} FROM webhook_endpoints e WHERE e.id = ANY($1) AND ${OWN_ENDPOINT}`, [[...ids]]);
}

export function listEndpoints(tx: Transaction, args: ConnectionArgs) {
  return paginate<WebhookEndpoint, WebhookEndpoint>(tx, {
    from: 'webhook_endpoints e',
    columns: ENDPOINT,
    where: [OWN_ENDPOINT],
    orderBy: [
      { column: 'e.created_at', type: 'timestamptz' },
      { column: 'e.id', type: 'text' },
    ],
    args,
    map: (row) => row,
  });
}

export function findDeliveries(tx: Transaction, ids: readonly string[]): Promise<WebhookDelivery[]> {
  return tx.query(
    `SELECT ${DELIVERY} FROM webhook_deliveries d WHERE d.id = ANY($1) AND d.organization_id = :organization`,
    [[...ids]],
  );
}

export function listDeliveries(tx: Transaction, { endpointId }: { endpointId?: string }, args: ConnectionArgs) {
  return paginate<WebhookDelivery, WebhookDelivery>(tx, {
    from: 'webhook_deliveries d',
    columns: DELIVERY,
    where: ['d.organization_id = :organization', '($1::text IS NULL OR d.endpoint_id = $1)'],
    parameters: [endpointId ?? null],
    orderBy: [
      { column: 'd.created_at', type: 'timestamptz' },
      { column: 'd.id', type: 'text' },
    ],
    direction: 'DESC',
    args,
    map: (row) => row,
  });
}

/** By delivery, each from the first. */
export async function attemptsOf(tx: Transaction, ids: readonly string[]): Promise<Map<string, WebhookAttempt[]>> {
  const rows = await tx.query<WebhookAttempt & { deliveryId: string }>(
    `SELECT a.delivery_id AS "deliveryId", a.number, a.started_at AS "startedAt", a.latency_milliseconds AS "latencyMilliseconds",
       a.status, a.error
     FROM webhook_attempts a WHERE a.delivery_id = ANY($1) AND a.organization_id = :organization ORDER BY a.number`,
    [[...ids]],
  );
  return Map.groupBy(rows, ({ deliveryId }) => deliveryId);
}
