import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { Database, type NarrowTransaction, type Scope } from '#platform/database';

export interface OutboxRow {
  id: string;
  type: string;
  version: number;
  organization_id: string;
  scope: Scope;
  key: string | null;
  payload: unknown;
  created_at: Date;
  attempts: number;
}

export interface ParkedMessage {
  id: string;
  type: string;
  organizationId: string;
  parkedAt: Date;
  attempts: number;
  lastError: string;
}

export interface OutboxStatistics {
  open: number;
  parked: number;
  oldestOpenAt: Date | null;
}

export interface PublishWindow {
  types: readonly string[];
  now: Date;
  /** What was published before this and is still not taken up is published again. */
  publishedBefore: Date;
  limit: number;
}

const OPEN = 'completed_at IS NULL AND parked_at IS NULL';

/**
 * The outbox as the relay's role sees it. A row is open until its handler has completed. While a handler is at work
 * `available_at` lies ahead, as a lease that the handler's process renews: nobody else takes the message, and if the
 * process dies the message comes back by itself.
 */
@Injectable()
export class Outbox {
  constructor(private readonly database: Database) {}

  /**
   * Takes rows that are due, in their order, and hands them over before the commit: a failed hand-over leaves them due.
   * Of rows with an equal key, and of these types, only the oldest open one is due.
   */
  publish(
    { types, now, publishedBefore, limit }: PublishWindow,
    handOver: (rows: Array<{ id: string; type: string }>) => Promise<void>,
  ): Promise<number> {
    return this.database.as('relay', async (tx) => {
      const rows = await tx.query<{ id: string; type: string }>(
        `WITH due AS MATERIALIZED (
           SELECT id FROM outbox o
           WHERE ${OPEN} AND available_at <= $1 AND type = ANY ($2) AND (published_at IS NULL OR published_at <= $3)
             AND (key IS NULL OR NOT EXISTS (
               SELECT FROM outbox earlier
               WHERE earlier.key = o.key AND earlier.organization_id = o.organization_id AND earlier.id < o.id
                 AND earlier.type = ANY ($2) AND earlier.completed_at IS NULL AND earlier.parked_at IS NULL))
           ORDER BY available_at, id LIMIT $4 FOR UPDATE SKIP LOCKED
         )
         UPDATE outbox SET published_at = $1 FROM due WHERE outbox.id = due.id RETURNING outbox.id, outbox.type`,
        [now, types, publishedBefore, limit],
      );
      if (rows.length > 0) await handOver(rows.sort((a, b) => (a.id < b.id ? -1 : 1)));
      return rows.length;
    });
  }

  /** The queues were emptied: everything open counts as never published. */
  async forgetPublications(): Promise<void> {
    await this.query(`UPDATE outbox SET published_at = NULL WHERE ${OPEN} AND published_at IS NOT NULL`);
  }

  /** Takes a message for handling; null when it is done, parked, or in another handler's hands. */
  async claim(id: string, dueBy: Date, leaseUntil: Date): Promise<OutboxRow | null> {
    const rows = await this.query<OutboxRow>(
      `UPDATE outbox SET attempts = attempts + 1, available_at = $3 WHERE id = $1 AND ${OPEN} AND available_at <= $2
       RETURNING id, type, version, organization_id, scope, key, payload, created_at, attempts`,
      [id, dueBy, leaseUntil],
    );
    return rows[0] ?? null;
  }

  async renew(ids: readonly string[], leaseUntil: Date): Promise<void> {
    await this.query(`UPDATE outbox SET available_at = $2 WHERE id = ANY ($1) AND ${OPEN}`, [ids, leaseUntil]);
  }

  async complete(id: string, now: Date): Promise<void> {
    // Whatever waits behind it by its key is due now.
    await this.query(
      `WITH done AS (UPDATE outbox SET completed_at = $2, last_error = NULL WHERE id = $1 AND completed_at IS NULL RETURNING key)
       SELECT pg_notify('outbox', '') FROM done WHERE key IS NOT NULL`,
      [id, now],
    );
  }

  /** `forgive` leaves the attempt uncounted. */
  async retryLater(id: string, reason: { error: string; at: Date; forgive?: boolean }): Promise<void> {
    await this.query(
      `UPDATE outbox SET available_at = $3, published_at = NULL, last_error = $2, attempts = attempts - $4 WHERE id = $1 AND ${OPEN}`,
      [id, reason.error, reason.at, reason.forgive ? 1 : 0],
    );
  }

  async park(id: string, error: string, now: Date): Promise<void> {
    await this.query(
      `WITH parked AS (UPDATE outbox SET parked_at = $3, last_error = $2 WHERE id = $1 AND ${OPEN} RETURNING key)
       SELECT pg_notify('outbox', '') FROM parked WHERE key IS NOT NULL`,
      [id, error, now],
    );
  }

  parked(limit: number): Promise<ParkedMessage[]> {
    return this.query<ParkedMessage>(
      `SELECT id, type, organization_id AS "organizationId", parked_at AS "parkedAt", attempts, last_error AS "lastError"
       FROM outbox WHERE parked_at IS NOT NULL AND completed_at IS NULL ORDER BY parked_at DESC LIMIT $1`,
      [limit],
    );
  }

  /** Gives a parked message its attempts back. False when it is not parked. */
  async unpark(id: string, now: Date): Promise<boolean> {
    const rows = await this.query(
      `WITH freed AS (UPDATE outbox SET parked_at = NULL, published_at = NULL, attempts = 0, available_at = $2
                      WHERE id = $1 AND parked_at IS NOT NULL AND completed_at IS NULL RETURNING id)
       SELECT pg_notify('outbox', '') FROM freed`,
      [id, now],
    );
    return rows.length > 0;
  }

  async statistics(): Promise<OutboxStatistics> {
    const rows = await this.query<{ open: number; parked: number; oldest: Date | null }>(
      `SELECT count(*) FILTER (WHERE parked_at IS NULL)::int AS open, count(*) FILTER (WHERE parked_at IS NOT NULL)::int AS parked,
              min(created_at) FILTER (WHERE parked_at IS NULL) AS oldest FROM outbox WHERE completed_at IS NULL`,
    );
    const { open = 0, parked = 0, oldest = null } = rows[0] ?? {};
    return { open, parked, oldestOpenAt: oldest };
  }

  async deleteCompletedBefore(instant: Date): Promise<void> {
    await this.query('DELETE FROM outbox WHERE completed_at < $1', [instant]);
  }

  private query<Row extends pg.QueryResultRow>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.database.as('relay', (tx: NarrowTransaction) => tx.query<Row>(sql, parameters));
  }
}
