import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { ManualClock } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import { type TestDatabase, testDatabase, testOrganization } from '#test/harness';
import { AuditService } from './audit.service.js';

describe('the audit log', () => {
  const clock = new ManualClock();
  const audit = new AuditService(clock);
  let server: TestDatabase;
  let database: Database;
  let scope: Scope;
  let other: Scope;

  beforeAll(async () => {
    server = await testDatabase();
    database = await new Database({ appUrl: server.urls.app, clock }).connect();
    scope = (await testOrganization(server)).scope;
    other = (await testOrganization(server)).scope;
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  const record = (who: Scope, action: string) =>
    database.transaction(who, (tx) =>
      audit.record(tx, {
        action,
        outcome: 'done',
        targetIds: ['proj_a'],
        requestId: 'req_a',
        inputSha256: 'a'.repeat(64),
      }),
    );
  const verify = (who: Scope, from?: { sequence: bigint; sha256: string }) =>
    database.read(who, (tx) => audit.verifyChain(tx, from));

  async function asOwner(...statements: string[]): Promise<void> {
    const client = new pg.Client({ connectionString: server.urls.owner });
    await client.connect();
    try {
      await client.query('BEGIN');
      for (const statement of statements) await client.query(statement);
      await client.query('COMMIT');
    } finally {
      await client.end();
    }
  }

  test('keeps one chain per organization, also when many append at once', async () => {
    await Promise.all([...Array(25).keys()].map((position) => record(position % 5 ? scope : other, `act${position}`)));
    expect(await verify(scope)).toMatchObject({ intact: true, verified: 20, head: { sequence: 20n }, more: false });
    expect(await verify(other)).toMatchObject({ intact: true, verified: 5, head: { sequence: 5n } });
  });

  test('is verified on from a head that was kept', async () => {
    const { head } = await verify(scope);
    await record(scope, 'later');
    expect(await verify(scope, head)).toMatchObject({ intact: true, verified: 1, head: { sequence: 21n } });
    expect(await verify(scope, { ...head, sha256: 'f'.repeat(64) })).toMatchObject({
      intact: false,
      verified: 0,
      fault: { sequence: 20n, fault: 'changed' },
    });
  });

  test('is empty and whole for who never acted', async () => {
    const { scope: newcomer } = await testOrganization(server);
    expect(await verify(newcomer)).toMatchObject({ intact: true, verified: 0, head: { sequence: 0n } });
  });

  test.each([[`UPDATE audit_entries SET action = 'x'`], ['DELETE FROM audit_entries'], ['TRUNCATE audit_entries']])(
    'refuses %s to the application and to the owner',
    async (statement) => {
      await expect(database.transaction(scope, (tx) => tx.query(statement))).rejects.toThrow('permission denied');
      await expect(asOwner(statement)).rejects.toThrow('only appended to');
    },
  );

  test('shows what somebody with all power changed and cut off', async () => {
    const { head } = await verify(scope);
    const tamper = (statement: string) =>
      asOwner(
        'ALTER TABLE audit_entries DISABLE TRIGGER append_only',
        'ALTER TABLE audit_entries DISABLE ROW LEVEL SECURITY',
        statement,
        'ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY',
        'ALTER TABLE audit_entries ENABLE TRIGGER append_only',
      );
    const own = `organization_id = '${scope.organizationId}'`;
    await tamper(`DELETE FROM audit_entries WHERE ${own} AND sequence = 21`);
    expect(await verify(scope)).toMatchObject({ intact: true, verified: 20 });
    expect(await verify(scope, head)).toMatchObject({ intact: false, fault: { sequence: 21n, fault: 'missing' } });
    await tamper(`UPDATE audit_entries SET outcome = 'refused' WHERE ${own} AND sequence = 7`);
    expect(await verify(scope)).toMatchObject({
      intact: false,
      verified: 6,
      head: { sequence: 6n },
      fault: { sequence: 7n, fault: 'changed' },
      more: false,
    });
    expect(await verify(other)).toMatchObject({ intact: true });
  });
});
