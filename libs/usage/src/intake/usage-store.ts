import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import {
  type Admission,
  admissionLines,
  COPY_ADMISSIONS,
  halvesOf,
  INSERT_ADMISSIONS,
  type UsageBatch,
  WRITE_CHANGES,
} from './usage-batch.js';

/** The database as the intake sees it. */
export interface UsageStore {
  /** All of it is durable when this resolves. When it rejects any part of it may be: writing it again changes nothing. */
  write(batch: UsageBatch): Promise<void>;
  /** Says that this recorder lives, so that its running requests are left alone. */
  heartbeat(recorderId: string, at: Date): Promise<void>;
  forgetRecorder(recorderId: string): Promise<void>;
  close(): Promise<void>;
}

export type ConnectUsageStore = () => Promise<UsageStore>;

/** Connections for the intake alone; their query_timeout bounds every write. */
export interface UsageConnections {
  /** As `forkpoint_intake`, which may add admissions past row security, under which PostgreSQL refuses COPY, and nothing else. */
  intake(): Promise<pg.Client>;
  /** As `forkpoint_gateway`, for all that changes rows or has to see them. */
  gateway(): Promise<pg.Client>;
}

export function usageStoreOver({ intake, gateway }: UsageConnections): ConnectUsageStore {
  return async () => {
    const [copying, writing] = await Promise.allSettled([intake(), gateway()]);
    if (copying.status === 'fulfilled' && writing.status === 'fulfilled')
      return new PostgresUsageStore(copying.value, writing.value);
    for (const one of [copying, writing]) if (one.status === 'fulfilled') await one.value.end();
    throw copying.status === 'rejected' ? copying.reason : (writing as PromiseRejectedResult).reason;
  };
}

class PostgresUsageStore implements UsageStore {
  constructor(
    private readonly intake: pg.Client,
    private readonly gateway: pg.Client,
  ) {}

  async write({ admissions, counts, settlements }: UsageBatch): Promise<void> {
    // Of different events, so that the two need not wait for each other.
    await Promise.all([this.admit(admissions), this.change({ counts, settlements })]);
  }

  private async admit(admissions: readonly Admission[]): Promise<void> {
    if (admissions.length === 0) return;
    // In one order, so that two who write the same rows never wait for each other in a ring.
    const rows = admissions.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    try {
      const copy = this.intake.query(copyFrom(COPY_ADMISSIONS));
      copy.end(admissionLines(rows));
      await finished(copy);
    } catch (error) {
      if (!isForInsert(error)) throw error;
      // A prepared statement: it is parsed and planned once.
      await this.gateway.query({ name: 'usage-admit', text: INSERT_ADMISSIONS, values: [JSON.stringify(rows)] });
    }
  }

  private async change({ counts, settlements }: Omit<UsageBatch, 'admissions'>): Promise<void> {
    if (counts.length + settlements.length === 0) return;
    const values = [JSON.stringify(counts), JSON.stringify(settlements)];
    await this.gateway.query({ name: 'usage-change', text: WRITE_CHANGES, values });
  }

  async heartbeat(recorderId: string, at: Date): Promise<void> {
    await this.gateway.query({
      text: `INSERT INTO usage_recorders (id, started_at, heartbeat_at) VALUES ($1, $2, $2)
             ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at, suspected_at = NULL`,
      values: [recorderId, at],
    });
  }

  async forgetRecorder(recorderId: string): Promise<void> {
    await this.gateway.query({ text: 'DELETE FROM usage_recorders WHERE id = $1', values: [recorderId] });
  }

  async close(): Promise<void> {
    await Promise.all([this.intake.end(), this.gateway.end()]);
  }
}

/**
 * Writes every row of a batch but those that PostgreSQL will never take: they are looked for by halves, so that one caller's bad row
 * is not the loss of all others. Gives why, by the ids of their events; rejects where the connection, not the data, is at fault.
 */
export async function writeWhatHolds(store: UsageStore, batch: UsageBatch): Promise<Map<string, Error>> {
  try {
    await store.write(batch);
    return new Map();
  } catch (error) {
    if (!isPermanent(error)) throw error;
    const halves = halvesOf(batch);
    if (halves)
      return new Map([...(await writeWhatHolds(store, halves[0])), ...(await writeWhatHolds(store, halves[1]))]);
    const { admissions, counts, settlements } = batch;
    return new Map([...admissions, ...counts, ...settlements].map(({ id }) => [id, error as Error]));
  }
}

/** Rows are on record already (unique_violation), or whoever runs the server gave nobody leave to COPY (feature_not_supported). */
function isForInsert(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === '23505' || code === '0A000';
}

/** PostgreSQL answered and will answer so again: the data are wrong, not the connection. */
function isPermanent(error: unknown): boolean {
  const { code } = error as { code?: string };
  // Classes 22 and 23: bad data, a violated constraint.
  return typeof code === 'string' && /^(22|23)[0-9A-Z]{3}$/.test(code);
}
