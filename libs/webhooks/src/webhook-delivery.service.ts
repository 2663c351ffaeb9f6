import { Inject, Injectable } from '@nestjs/common';
import { request } from 'undici';
import { AuditService } from '#libs/audit';
import { MailOutbox } from '#libs/identity';
import { CLOCK, type Clock, canonicalJson, DAY_MILLISECONDS, newId, sha256Hex } from '#libs/kernel';
import { Database, systemScope, type Transaction } from '#platform/database';
import { guardedAgent } from './allowed-hosts.js';
import type { WebhookAttempt } from './webhook-endpoint.js';
import { dropDue } from './webhook-endpoint.service.js';
import { WEBHOOK_SETTINGS, type WebhookSettings } from './webhook-settings.js';
import type { WebhookSecrets } from './webhook-signing.js';

/** How long a receiver may take. */
export const TIMEOUT_MILLISECONDS = 10_000;
/** How long an attempt that nobody ended, since its process died, keeps the next one away. */
const PATIENCE_MILLISECONDS = 60_000;
const FIRST_PAUSE_MILLISECONDS = 5_000;
const LONGEST_PAUSE_MILLISECONDS = DAY_MILLISECONDS / 2;
/** The last comes some three days after the first. */
export const MOST_TRIES = 13;
/** An endpoint that failed for so long, with every attempt, is given up. */
export const DISABLED_AFTER_DAYS = 5;
const BATCH = 100;
/** Receivers that are slow hold up no more than their share. */
const AT_A_TIME = 10;
const LONGEST_ANSWER_BYTES = 65_536;

interface Claimed {
  id: string;
  endpointId: string;
  eventId: string;
  body: string;
  attempts: number;
  tries: number;
  url: string;
  secretVersion: number;
  previousSecretUntil: Date | null;
}

/**
 * Sends what is due, at least once: an attempt whose process died before it was recorded is made again under the same webhook-id, by which receivers
 * know it for the same. No transaction is open while a receiver is waited for.
 */
@Injectable()
export class WebhookDeliveryService {
  private readonly agent;

  constructor(
    private readonly database: Database,
    private readonly mails: MailOutbox,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(WEBHOOK_SETTINGS) private readonly settings: WebhookSettings,
  ) {
    this.agent = guardedAgent(settings.allowed, TIMEOUT_MILLISECONDS);
  }

  async deliverDue(signal?: AbortSignal): Promise<void> {
    const { secrets } = this.settings;
    if (!secrets) return;
    const due = await this.due();
    while (due.length > 0 && !signal?.aborted) {
      await Promise.all(due.splice(0, AT_A_TIME).map((delivery) => this.deliver(delivery, secrets)));
    }
  }

  close(): Promise<void> {
    return this.agent.close();
  }

  private async deliver({ id, organizationId }: { id: string; organizationId: string }, secrets: WebhookSecrets) {
    const scope = systemScope('webhooks', organizationId);
    const claimed = await this.database.transaction(scope, (tx) => this.claim(tx, id));
    if (!claimed) return;
    const attempt = await this.send(claimed, secrets);
    await this.database.transaction(scope, async (tx) => {
      await recordAttempt(tx, claimed, attempt);
      await (attempt.error === null ? this.succeed(tx, claimed) : this.fail(tx, claimed));
    });
  }

  private async send(delivery: Claimed, secrets: WebhookSecrets): Promise<Omit<WebhookAttempt, 'number'>> {
    const { url, eventId, body } = delivery;
    const startedAt = this.clock.now();
    const start = performance.now();
    const headers = secrets.headers({
      eventId,
      body,
      at: startedAt,
      secrets: liveSecrets(secrets, delivery, startedAt),
    });
    const outcome = await this.post(url, body, headers).catch((error: Error) => ({
      status: null,
      error: error.message.slice(0, 500),
    }));
    return { startedAt, latencyMilliseconds: Math.round(performance.now() - start), ...outcome };
  }

  /** What is answered is not kept, and no redirect is followed: it would lead past what was allowed. */
  private async post(url: string, body: string, headers: Record<string, string>) {
    const { statusCode, body: answer } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Forkpoint-Webhooks/1', ...headers },
      body,
      dispatcher: this.agent,
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    await answer.dump({ limit: LONGEST_ANSWER_BYTES });
    const isTaken = statusCode >= 200 && statusCode < 300;
    return { status: statusCode, error: isTaken ? null : `the endpoint answered ${statusCode}` };
  }

  private due(): Promise<Array<{ id: string; organizationId: string }>> {
    return this.database.as('reconciler', (tx) =>
      tx.query(
        `SELECT id, organization_id AS "organizationId" FROM webhook_deliveries WHERE next_attempt_at <= $1
         ORDER BY next_attempt_at, id LIMIT ${BATCH}`,
        [this.clock.now()],
      ),
    );
  }

  /** Null if another process has it, or had, or the endpoint takes nothing any more. */
  private claim(tx: Transaction, id: string): Promise<Claimed | null> {
    const now = this.clock.now();
    return tx.one<Claimed>(
      `UPDATE webhook_deliveries d SET attempts = d.attempts + 1, tries = d.tries + 1, next_attempt_at = $3
       FROM webhook_endpoints e
       WHERE d.id = $1 AND d.organization_id = :organization AND d.next_attempt_at <= $2
         AND e.id = d.endpoint_id AND e.organization_id = :organization AND e.removed_at IS NULL AND e.disabled_at IS NULL
       RETURNING d.id, d.endpoint_id AS "endpointId", d.event_id AS "eventId", d.body, d.attempts, d.tries, e.url,
         e.secret_version AS "secretVersion", e.previous_secret_until AS "previousSecretUntil"`,
      [id, now, new Date(now.getTime() + PATIENCE_MILLISECONDS)],
    );
  }

  private async succeed(tx: Transaction, { id, endpointId }: Claimed): Promise<void> {
    await tx.query(
      `UPDATE webhook_deliveries SET next_attempt_at = NULL, delivered_at = $2 WHERE id = $1 AND organization_id = :organization`,
      [id, this.clock.now()],
    );
    await tx.query(
      `UPDATE webhook_endpoints SET failing_since = NULL
       WHERE id = $1 AND organization_id = :organization AND failing_since IS NOT NULL`,
      [endpointId],
    );
  }

  private async fail(tx: Transaction, { id, endpointId, tries }: Claimed): Promise<void> {
    const now = this.clock.now();
    const pause = Math.min(FIRST_PAUSE_MILLISECONDS * 4 ** (tries - 1), LONGEST_PAUSE_MILLISECONDS);
    const next = tries < MOST_TRIES ? new Date(now.getTime() + pause) : null;
    await tx.query(
      `UPDATE webhook_deliveries SET next_attempt_at = $2
       WHERE id = $1 AND organization_id = :organization AND next_attempt_at IS NOT NULL`,
      [id, next],
    );
    const endpoint = await tx.one<{ url: string; failingSince: Date }>(
      `UPDATE webhook_endpoints SET failing_since = coalesce(failing_since, $2)
       WHERE id = $1 AND organization_id = :organization AND disabled_at IS NULL
       RETURNING url, failing_since AS "failingSince"`,
      [endpointId, now],
    );
    const lasted = endpoint ? now.getTime() - endpoint.failingSince.getTime() : 0;
    if (endpoint && lasted >= DISABLED_AFTER_DAYS * DAY_MILLISECONDS)
      await this.disable(tx, { id: endpointId, ...endpoint });
  }

  private async disable(tx: Transaction, endpoint: { id: string; url: string; failingSince: Date }): Promise<void> {
    const { id, url, failingSince } = endpoint;
    await tx.query(`UPDATE webhook_endpoints SET disabled_at = $2 WHERE id = $1 AND organization_id = :organization`, [
      id,
      this.clock.now(),
    ]);
    await dropDue(tx, id);
    await this.mails.post(tx, {
      key: `webhook endpoint ${id} failing since ${failingSince.toISOString()}`,
      permission: 'webhooks:write',
      subject: 'A webhook endpoint is disabled',
      text: [
        `The webhook endpoint ${id} at ${url} failed with every attempt since ${failingSince.toISOString()}, and is disabled.`,
        'What is wrong is told by webhookDeliveries. When it is mended: enableWebhookEndpoint, then redeliverWebhook for what was missed.',
      ].join('\n'),
    });
    await this.audit.record(tx, {
      action: 'webhookEndpoint.disabled',
      outcome: 'done',
      targetIds: [id],
      requestId: newId('req'),
      inputSha256: sha256Hex(canonicalJson({ failingSince })),
    });
  }
}

/** The present one first; the one before for as long as receivers may still know no other. */
function liveSecrets(secrets: WebhookSecrets, delivery: Claimed, now: Date): string[] {
  const { endpointId, secretVersion, previousSecretUntil } = delivery;
  const isOverlap = previousSecretUntil !== null && previousSecretUntil > now;
  const versions = isOverlap ? [secretVersion, secretVersion - 1] : [secretVersion];
  return versions.map((version) => secrets.secret(endpointId, version));
}

async function recordAttempt(tx: Transaction, { id, attempts }: Claimed, attempt: Omit<WebhookAttempt, 'number'>) {
  const { startedAt, latencyMilliseconds, status, error } = attempt;
  await tx.query(
    `INSERT INTO webhook_attempts (delivery_id, organization_id, number, started_at, latency_milliseconds, status, error)
     VALUES ($1, :organization, $2, $3, $4, $5, $6)`,
    [id, attempts, startedAt, latencyMilliseconds, status, error],
  );
}
