import type pg from 'pg';
import { batchParameters, type UsageBatch, WRITE_BATCH } from './usage-batch.js';

/** The database as the intake sees it. */
export interface UsageStore {
  /** In one commit, which is durable when this resolves. */
  write(batch: UsageBatch): Promise<void>;
  /** Says that this recorder lives, so that its running requests are left alone. */
  heartbeat(recorderId: string, at: Date): Promise<void>;
  forgetRecorder(recorderId: string): Promise<void>;
  close(): Promise<void>;
}

export type ConnectUsageStore = () => Promise<UsageStore>;

/** A connection under the gateway's role for the intake alone; its query_timeout bounds every write. */
export function usageStoreOver(connect: () => Promise<pg.Client>): ConnectUsageStore {
  return async () => new PostgresUsageStore(await connect());
}

class PostgresUsageStore implements UsageStore {
  constructor(private readonly client: pg.Client) {}

  async write(batch: UsageBatch): Promise<void> {
    // A prepared statement: it is parsed and planned once.
    await this.client.query({ name: 'usage-batch', text: WRITE_BATCH, values: batchParameters(batch) });
  }

  async heartbeat(recorderId: string, at: Date): Promise<void> {
    await this.client.query({
      text: `INSERT INTO usage_recorders (id, started_at, heartbeat_at) VALUES ($1, $2, $2)
             ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at, suspected_at = NULL`,
      values: [recorderId, at],
    });
  }

  async forgetRecorder(recorderId: string): Promise<void> {
    await this.client.query({ text: 'DELETE FROM usage_recorders WHERE id = $1', values: [recorderId] });
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** PostgreSQL answered and will answer so again: the data are wrong, not the connection. */
export function isPermanent(error: unknown): boolean {
  const { code } = error as { code?: string };
  // Classes 22 and 23: bad data, a violated constraint.
  return typeof code === 'string' && /^(22|23)[0-9A-Z]{3}$/.test(code);
}
