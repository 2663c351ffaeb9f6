import pg from 'pg';
import { isId } from '#libs/kernel';
import type { TestDatabase, TestOrganization } from '#test/harness';

/** Every id of an organization's rows, in whatever tables the api may read: a new kind of thing is looked for without being named here. */
export async function idsOf(database: TestDatabase, organization: TestOrganization): Promise<Set<string>> {
  return within(database, organization, async (client) => {
    const tables = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND column_name IN ('id', 'organization_id')
         AND has_column_privilege(table_name, column_name, 'SELECT')
       GROUP BY table_name HAVING count(*) = 2`,
    );
    const ids = new Set([organization.organizationId]);
    for (const { name } of tables.rows) {
      const found = await client.query(`SELECT id FROM ${name} WHERE organization_id = $1`, [
        organization.organizationId,
      ]);
      for (const { id } of found.rows) if (typeof id === 'string') ids.add(id);
    }
    const malformed = [...ids].filter((id) => !isId(id.split('_')[0] as never, id));
    if (malformed.length > 0) throw new Error(`these are no ids, which answers could be searched for: ${malformed}`);
    return ids;
  });
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
