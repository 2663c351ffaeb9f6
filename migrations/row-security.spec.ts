import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type TestDatabase, testDatabase } from '#test/harness';
import { breachesOf, RULES } from './support/row-security-rules.js';

describe('row security', () => {
  let server: TestDatabase;
  let owner: pg.Client;

  beforeAll(async () => {
    server = await testDatabase();
    owner = new pg.Client({ connectionString: server.urls.owner });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await server.drop();
  });

  test('holds for every table, view, function and role of the schema', async () => {
    expect(await breachesOf(owner)).toEqual([]);
  });

  const seen: string[] = [];
  const TABLE = 'CREATE TABLE planted (id text PRIMARY KEY, organization_id text NOT NULL, project_id text)';
  const SECURED = `${TABLE}; ALTER TABLE planted ENABLE ROW LEVEL SECURITY; ALTER TABLE planted FORCE ROW LEVEL SECURITY`;
  const CONFINED = `CREATE POLICY planted_own ON planted TO forkpoint_app USING (organization_id = app_organization())`;

  test.each([
    ['a table of no kind', 'CREATE TABLE planted (id text PRIMARY KEY)', 'planted has neither'],
    [
      'a reason for a table that has an organization',
      'ALTER TABLE engines ADD organization_id text NOT NULL',
      'engines has a reason',
    ],
    ['a table without row security', `${TABLE}; ${CONFINED}`, 'planted is open'],
    [
      'a table whose row security is not forced',
      `${TABLE}; ALTER TABLE planted ENABLE ROW LEVEL SECURITY; ${CONFINED}`,
      'planted is open',
    ],
    [
      'a table of no organization that the application reads freely',
      'ALTER TABLE engines DISABLE ROW LEVEL SECURITY',
      'engines is open',
    ],
    ['a table without a policy', SECURED, 'planted has none'],
    [
      'a policy that lets everything through',
      `${SECURED}; CREATE POLICY planted_own ON planted FOR SELECT TO forkpoint_app USING (true)`,
      'planted_own lets through true',
    ],
    [
      'a policy that compares the wrong column',
      `${SECURED}; ${CONFINED};
       CREATE POLICY planted_seen ON planted FOR SELECT TO forkpoint_app USING (EXISTS (SELECT FROM projects p WHERE p.id = id))`,
      'planted_seen lets through',
    ],
    [
      "a policy that lets in other organizations' rows",
      `${SECURED}; ${CONFINED}; CREATE POLICY planted_in ON planted FOR INSERT TO forkpoint_app WITH CHECK (app_scope_kind() = 'lab')`,
      'planted_in lets in',
    ],
    [
      'a policy for everybody',
      `${SECURED}; ${CONFINED}; CREATE POLICY planted_all ON planted USING (organization_id = app_organization())`,
      'planted_all is for public',
    ],
    ['usage intake that may read', 'GRANT SELECT (id) ON usage_events TO forkpoint_intake', 'usage_events.id is open'],
    [
      'usage intake that may say what was used',
      'GRANT INSERT (ended_at) ON usage_events TO forkpoint_intake',
      'ended_at is open',
    ],
    ['usage intake that may delete', 'GRANT DELETE ON usage_events TO forkpoint_intake', 'usage_events is open to it'],
    ['a role that passes by', 'CREATE ROLE forkpoint_planted CREATEROLE', 'forkpoint_planted may'],
    [
      'a function that runs as the owner',
      `CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
      'planted does not',
    ],
    ['a view that shows all', 'CREATE VIEW planted AS SELECT * FROM projects', 'planted shows'],
    [
      'a reference into another organization',
      `${SECURED}; ${CONFINED}; ALTER TABLE planted ADD FOREIGN KEY (project_id) REFERENCES projects (id)`,
      'REFERENCES projects(id)',
    ],
  ])('is seen to be breached by %s', async (_, planted, breach) => {
    const before = await breachesOf(owner);
    await owner.query('BEGIN');
    try {
      await owner.query(planted);
      const found = (await breachesOf(owner)).filter((one) => !before.includes(one));
      expect(found).toEqual([expect.stringContaining(breach)]);
      seen.push(...found);
    } finally {
      await owner.query('ROLLBACK');
    }
  });

  test('has a planted breach for every rule', () => {
    const unseen = RULES.filter(({ holds }) => !seen.some((breach) => breach.startsWith(holds)));
    expect(unseen).toEqual([]);
  });

  test.each(['app', 'relay', 'reconciler', 'gateway', 'intake'] as const)(
    'shows role %s nothing of a schema to come',
    async (login) => {
      const client = new pg.Client({ connectionString: server.urls[login] });
      await client.connect();
      try {
        await expect(client.query('CREATE TABLE mine (id int)')).rejects.toThrow('permission denied');
        await expect(client.query('SELECT password_hash FROM users')).rejects.toThrow('permission denied');
        await expect(client.query('SELECT token_sha256 FROM sessions')).rejects.toThrow('permission denied');
        await expect(client.query('SELECT * FROM migrations')).rejects.toThrow('permission denied');
      } finally {
        await client.end();
      }
    },
  );

  describe('of usage', () => {
    const COLUMNS = `id, organization_id, project_id, kind, source_id, state, model, checkpoint_id, base_checkpoint_id, family_id, admitted_at`;
    const row = (id: string, organization: string, state = 'admitted') =>
      `'${id}', '${organization}', 'proj_1', 'inference', '${id}', '${state}', 'm', 'ckpt_1', 'ckpt_1', 'fam_1', '2026-03-01'`;
    const insert = (values: string, columns = COLUMNS) => `INSERT INTO usage_events (${columns}) VALUES (${values})`;
    const as = async <T>(login: 'app' | 'intake', work: (client: pg.Client) => Promise<T>): Promise<T> => {
      const client = new pg.Client({ connectionString: server.urls[login] });
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    };

    test('lets the application add none of another organization', async () => {
      await as('app', async (client) => {
        await client.query(
          `SELECT set_config('app.organization_id', 'org_1', false), set_config('app.scope_kind', 'partner', false)`,
        );
        await client.query(insert(row('use_own', 'org_1')));
        await expect(client.query(insert(row('use_foreign', 'org_2')))).rejects.toThrow('row-level security');
      });
    });

    test('lets its intake copy what was admitted, of every organization', async () => {
      await as('intake', async (client) => {
        const copy = client.query(copyFrom(`COPY usage_events (${COLUMNS}) FROM STDIN`));
        for (const organization of ['org_1', 'org_2'])
          copy.write(`${row(`use_${organization}`, organization).replaceAll("'", '').split(', ').join('\t')}\n`);
        copy.end();
        await finished(copy);
        expect(copy.rowCount).toBe(2);
      });
    });

    test.each([
      ['read', 'SELECT id FROM usage_events'],
      ['count', 'SELECT count(*) FROM usage_events'],
      ['copy out', 'COPY usage_events (id) TO STDOUT'],
      ['see what it adds', `${insert(row('use_1', 'org_1'))} RETURNING id`],
      ['learn what is there', `${insert(row('use_1', 'org_1'))} ON CONFLICT (kind, source_id) DO NOTHING`],
      ['change', `UPDATE usage_events SET output_tokens = 0`],
      ['delete', 'DELETE FROM usage_events'],
      ['empty', 'TRUNCATE usage_events'],
      ['lock', 'BEGIN; LOCK TABLE usage_events IN ACCESS EXCLUSIVE MODE'],
      ['say what was used', insert(`${row('use_1', 'org_1')}, 5`, `${COLUMNS}, output_tokens`)],
      ['say when it became final', insert(`${row('use_1', 'org_1')}, '2026-03-01'`, `${COLUMNS}, final_at`)],
      [
        'add elsewhere',
        `INSERT INTO usage_recorders (id, started_at, heartbeat_at) VALUES ('r', '2026-03-01', '2026-03-01')`,
      ],
      ['become another', 'SET ROLE forkpoint_gateway'],
    ])('does not let its intake %s', async (_, sql) => {
      await expect(as('intake', (client) => client.query(sql))).rejects.toThrow('permission denied');
    });

    test('does not let its intake end what it adds', async () => {
      await expect(as('intake', (client) => client.query(insert(row('use_1', 'org_1', 'settled'))))).rejects.toThrow(
        'violates check constraint',
      );
    });
  });
});
