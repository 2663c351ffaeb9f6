import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import pg from 'pg';
import { type TestDatabase, testDatabase, testEnvironment, testValkey } from '#test/harness';

const SCRIPT = join(import.meta.dirname, '../../../dist/apps/api/src/bootstrap.js');

describe('bootstrap', () => {
  let server: TestDatabase;
  let environment: Record<string, string>;

  beforeAll(async () => {
    server = await testDatabase();
    environment = {
      ...testEnvironment(server, await testValkey()),
      FORKPOINT_ADMIN_EMAIL: 'admin@lab.example',
      FORKPOINT_ADMIN_PASSWORD: 'runs all of the lab 1',
      FORKPOINT_OPERATOR_EMAIL: 'operator@lab.example',
      FORKPOINT_OPERATOR_PASSWORD: 'publishes checkpoints 1',
    };
  });
  afterAll(() => server.drop());

  const bootstrap = (overrides: Record<string, string> = {}) =>
    execa(process.execPath, [SCRIPT], { env: { ...environment, ...overrides }, reject: false });

  test('founds the lab once, also when two run at once, and changes nothing later', async () => {
    const [one, other] = await Promise.all([bootstrap(), bootstrap()]);
    expect([one.exitCode, other.exitCode]).toEqual([0, 0]);
    expect([one.stdout, other.stdout].sort()).toEqual([
      expect.stringMatching(/^Founded Forge Lab \(org_/),
      'There is a lab already.',
    ]);
    const client = new pg.Client({ connectionString: server.urls.app });
    await client.connect();
    const account = (email: string) =>
      client.query('SELECT organization_kind, password_hash FROM identity_find_user_by_email($1)', [email]);
    const before = await account('operator@lab.example');
    expect(before.rows).toEqual([{ organization_kind: 'lab', password_hash: expect.stringContaining('argon2id') }]);
    const again = await bootstrap({ FORKPOINT_OPERATOR_PASSWORD: 'another password 1' });
    expect(again.stdout).toBe('There is a lab already.');
    expect((await account('operator@lab.example')).rows).toEqual(before.rows);
    await client.end();
  });

  test('says what the environment lacks', async () => {
    const failed = await bootstrap({ FORKPOINT_ADMIN_PASSWORD: 'short' });
    expect(failed.exitCode).not.toBe(0);
    expect(failed.stderr).toContain('FORKPOINT_ADMIN_PASSWORD');
  });
});
