import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { newId } from '#libs/kernel';
import { type TestDatabase, testCheckpoint, testDatabase, testOrganization } from '#test/harness';
import { SpendCaps1700000000230 } from './230-spend-caps.js';
import { SpendLeases1700000000300 } from './300-spend-leases.js';

let database: TestDatabase;
let source: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  source = await new DataSource({ type: 'postgres', url: database.urls.owner, installExtensions: false }).initialize();
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

test('reservations that are there get the currency and the key of their jobs, and stay confined', async () => {
  const [lab, partner] = [await testOrganization(database, 'lab'), await testOrganization(database)];
  const parent = await testCheckpoint(database, lab, { grantee: partner });
  const runner = source.createQueryRunner();
  const [migration, onTopOfIt] = [new SpendCaps1700000000230(), new SpendLeases1700000000300()];
  await onTopOfIt.down(runner);
  await migration.down(runner);

  const tables = ['fine_tune_jobs', 'reservations'];
  const confine = async (how: 'FORCE' | 'NO FORCE') => {
    for (const table of tables) await runner.query(`ALTER TABLE ${table} ${how} ROW LEVEL SECURITY`);
  };
  await confine('NO FORCE');
  const key = newId('key');
  for (const [createdBy, currency] of [
    [key, 'EUR'],
    [partner.scope.actor.id, 'USD'],
  ]) {
    const id = newId('ftjob');
    await runner.query(
      `INSERT INTO fine_tune_jobs (id, organization_id, project_id, status, method, parent_checkpoint_id, parent_name, family_id,
         base_checkpoint_id, training_file_id, requested, policy, seed, currency, created_by, request_sha256, created_at)
       VALUES ($1, $2, $3, 'running', 'supervised', $4, 'parent', $5, $4, 'file_1', '{}', '{}', 1, $6, $7, 'x', '2026-01-01')`,
      [id, partner.organizationId, partner.projectId, parent.id, parent.familyId, currency, createdBy],
    );
    await runner.query(
      `INSERT INTO reservations (id, organization_id, project_id, owner_id, cap_nanos, status, created_at)
       VALUES ($1, $2, $3, $4, 1, 'held', '2026-01-01')`,
      [newId('resv'), partner.organizationId, partner.projectId, id],
    );
  }
  await confine('FORCE');
  await migration.up(runner);
  await onTopOfIt.up(runner);

  // The owner is confined again: it has no policy, so it sees nothing.
  for (const table of tables) expect(await runner.query(`SELECT id FROM ${table}`)).toEqual([]);
  await confine('NO FORCE');
  expect(await runner.query('SELECT currency, api_key_id FROM reservations ORDER BY id')).toEqual([
    { currency: 'EUR', api_key_id: key },
    { currency: 'USD', api_key_id: null },
  ]);
  await runner.release();
});
