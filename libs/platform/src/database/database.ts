import pg from 'pg';
import { DataSource, getMetadataArgsStorage } from 'typeorm';
import { type Clock, systemClock } from '#libs/kernel';
import { NARROW_ROLES, type NarrowRole } from './roles.js';
import type { Scope } from './scope.js';
import { Transaction } from './transaction.js';

export interface DatabaseOptions {
  appUrl: string;
  /** A process gets only the narrow roles that it needs. */
  narrowUrls?: Partial<Record<NarrowRole, string>>;
  poolSize?: number;
  clock?: Clock;
}

/** What a narrow role may do: plain SQL, in one transaction. */
export interface NarrowTransaction {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
}

export class Database {
  private readonly source: DataSource;
  private readonly pools = new Map<NarrowRole, pg.Pool>();
  private readonly clock: Clock;

  constructor(private readonly options: DatabaseOptions) {
    this.clock = options.clock ?? systemClock;
    this.source = new DataSource({
      type: 'postgres',
      url: options.appUrl,
      entities: getMetadataArgsStorage().tables.map((table) => table.target as never),
      extra: { max: options.poolSize ?? 10 },
      uuidExtension: 'pgcrypto',
      installExtensions: false,
    });
  }

  async connect(): Promise<this> {
    if (!this.source.isInitialized) await this.source.initialize();
    return this;
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
    this.pools.clear();
  }

  /** State, audit and outgoing messages commit together, or not at all. */
  transaction<T>(scope: Scope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.source.transaction(async (manager) => {
      await manager.query(ENTER_SCOPE, [scope.organizationId, scope.kind, scope.actor.id]);
      const tx = new Transaction(manager, scope, this.clock);
      const result = await work(tx);
      await tx.flush();
      return result;
    });
  }

  /** The same, for reading only. */
  read<T>(scope: Scope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.source.transaction(async (manager) => {
      await manager.query(`${ENTER_SCOPE}, set_config('transaction_read_only', 'on', true)`, [
        scope.organizationId,
        scope.kind,
        scope.actor.id,
      ]);
      return work(new Transaction(manager, scope, this.clock));
    });
  }

  /** Before anybody is known: sign-in and key look-up, through SECURITY DEFINER functions only. */
  anonymous<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.source.query(sql, [...parameters]);
  }

  async as<T>(role: NarrowRole, work: (tx: NarrowTransaction) => Promise<T>): Promise<T> {
    const client = await this.pool(role).connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work({
        query: async (sql, parameters = []) => (await client.query(sql, [...parameters])).rows as never,
      });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      failure = error as Error;
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release(failure && isConnectionFailure(failure) ? failure : undefined);
    }
  }

  /** Where a connection of its own is needed: LISTEN, advisory locks, COPY. The caller ends it. */
  async dedicated(role: NarrowRole | 'app'): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: role === 'app' ? this.options.appUrl : this.urlOf(role) });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  private pool(role: NarrowRole): pg.Pool {
    const known = this.pools.get(role);
    if (known) return known;
    const pool = new pg.Pool({ connectionString: this.urlOf(role), max: this.options.poolSize ?? 10 });
    // An idle connection that PostgreSQL closes (a restart) is replaced at the next use.
    pool.on('error', () => undefined);
    this.pools.set(role, pool);
    return pool;
  }

  private urlOf(role: NarrowRole): string {
    const url = this.options.narrowUrls?.[role];
    if (!url) throw new Error(`this process was given no connection as ${NARROW_ROLES[role].role}`);
    return url;
  }
}

const ENTER_SCOPE = `SELECT set_config('app.organization_id', $1, true), set_config('app.scope_kind', $2, true), set_config('app.actor_id', $3, true)`;

/** Class 08 is a lost connection, 57P is an administrator's shutdown. */
function isConnectionFailure(error: Error & { code?: string }): boolean {
  return /^(08|57P|ECONN|EPIPE)/.test(error.code ?? '') || /terminated|Connection ended/.test(error.message);
}
