import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { newId } from '#libs/kernel';
import { type TestCheckpoint, type TestDatabase, testCheckpoint, testDatabase, testOrganization } from '#test/harness';
import { EndsOfJobs1700000000105 } from './105-ends-of-jobs.js';

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

test('jobs that are there get the family and the base of their parents, and stay confined', async () => {
  const [lab, partner] = [await testOrganization(database, 'lab'), await testOrganization(database)];
  const parent: TestCheckpoint = await testCheckpoint(database, lab, { grantee: partner });
  const runner = source.createQueryRunner();
  const migration = new EndsOfJobs1700000000105();
  await migration.down(runner);

  await runner.query('ALTER TABLE fine_tune_jobs NO FORCE ROW LEVEL SECURITY');
  await runner.query(
    `INSERT INTO fine_tune_jobs (id, organization_id, project_id, status, method, parent_checkpoint_id, parent_name,
       training_file_id, requested, policy, seed, created_by, request_sha256, created_at)
     VALUES ($1, $2, $3, 'running', 'supervised', $4, 'parent', 'file_1', '{}', '{}', 1, 'user_1', 'x', '2026-01-01')`,
    [newId('ftjob'), partner.organizationId, partner.projectId, parent.id],
  );
  await runner.query('ALTER TABLE fine_tune_jobs FORCE ROW LEVEL SECURITY');
  await migration.up(runner);

  // The owner is confined again: it has no policy, so it sees nothing.
  expect(await runner.query('SELECT family_id FROM fine_tune_jobs')).toEqual([]);
  await runner.query('ALTER TABLE fine_tune_jobs NO FORCE ROW LEVEL SECURITY');
  const [job] = await runner.query('SELECT family_id, base_checkpoint_id FROM fine_tune_jobs');
  expect(job).toEqual({ family_id: parent.familyId, base_checkpoint_id: parent.id });
  await runner.release();
});
