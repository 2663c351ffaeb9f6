import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
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

  test.each(['app', 'relay', 'reconciler', 'gateway'] as const)(
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
});
