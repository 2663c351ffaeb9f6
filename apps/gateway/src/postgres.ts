import pg from 'pg';

export type ConnectPostgres = () => Promise<pg.Client>;

/** No statement of the gateway takes this long while PostgreSQL is well. */
const TIMEOUT_MILLISECONDS = 3_000;

/**
 * Connections of one role: of the gateway's own, for the snapshot and for usage, and of the one that adds usage. They end at the first failure and are
 * made anew by whoever uses them; a pool would hide that.
 */
export function postgresAt(url: string): ConnectPostgres {
  return async () => {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'forkpoint-gateway',
      connectionTimeoutMillis: TIMEOUT_MILLISECONDS,
      query_timeout: TIMEOUT_MILLISECONDS,
      keepAlive: true,
    });
    // A query that was under way says so itself; an idle connection is missed at its next use.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
}
