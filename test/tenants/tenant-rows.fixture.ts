import pg from 'pg';
import { isId } from '#libs/kernel';
import type { TestDatabase, TestOrganization } from '#test/harness';

/** Every row of an organization, as JSON, by the table. */
export type Rows = Record<string, string[]>;

/** In whatever tables and columns the api may read: a new kind of thing is looked for without being named here. */
const READABLE = `SELECT c.relname AS table, array_agg(quote_ident(a.attname)) AS columns
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT')
  GROUP BY 1 HAVING bool_or(a.attname = 'organization_id') ORDER BY 1`;

export function rowsOf(database: TestDatabase, organization: TestOrganization): Promise<Rows> {
  return within(database, organization, async (client) => {
    const tables = await client.query<{ table: string; columns: string[] }>(READABLE);
    const rows: Rows = {};
    for (const { table, columns } of tables.rows) {
      const found = await client.query<{ row: string }>(
        `SELECT to_jsonb(t)::text AS row FROM (SELECT ${columns} FROM ${table} WHERE organization_id = $1) t ORDER BY 1`,
        [organization.organizationId],
      );
      rows[table] = found.rows.map(({ row }) => row);
    }
    return rows;
  });
}

/** Every id of an organization's rows. */
export async function idsOf(database: TestDatabase, organization: TestOrganization): Promise<Set<string>> {
  const rows = Object.values(await rowsOf(database, organization)).flat();
  const ids = rows.map((row) => JSON.parse(row).id).filter((id) => typeof id === 'string');
  const malformed = ids.filter((id) => !isId(id.split('_')[0] as never, id));
  if (malformed.length > 0) throw new Error(`these are no ids, which answers could be searched for: ${malformed}`);
  return new Set([organization.organizationId, ...ids]);
}

async function within<T>(
  database: TestDatabase,
  { organizationId, scope }: TestOrganization,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: database.urls.app });
  await client.connect();
  try {
    await client.query(`SELECT set_config('app.organization_id', $1, false), set_config('app.scope_kind', $2, false)`, [
      organizationId,
      scope.kind,
    ]);
    return await work(client);
  } finally {
    await client.end();
  }
}
