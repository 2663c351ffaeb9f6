import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { newId } from '#libs/kernel';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { ReadAtScale1700000000110 } from './110-read-at-scale.js';

let server: TestDatabase;
let owner: pg.Client;
let tenants: TestOrganization[];

beforeAll(async () => {
  server = await testDatabase();
  owner = new pg.Client({ connectionString: server.urls.owner });
  await owner.connect();
  tenants = [await testOrganization(server), await testOrganization(server)];
});
afterAll(async () => {
  await owner.end();
  await server.drop();
});

async function as<T extends object>({ organizationId }: TestOrganization, sql: string, parameters: unknown[] = []) {
  const client = new pg.Client({ connectionString: server.urls.app });
  await client.connect();
  await client.query(
    `SELECT set_config('app.organization_id', $1, false), set_config('app.scope_kind', 'partner', false)`,
    [organizationId],
  );
  return client.query<T>(sql, parameters).finally(() => client.end());
}

test('spans of what was measured before are drawn, of every organization, and row security holds as before', async () => {
  const migration = new ReadAtScale1700000000110();
  const runner = { query: async (sql: string, values?: unknown[]) => (await owner.query(sql, values)).rows };
  await migration.down(runner as QueryRunner);
  for (const tenant of tenants) {
    const id = newId('cjob');
    await as(
      tenant,
      `INSERT INTO compute_jobs (id, organization_id, organization_kind, project_id, kind, owner_id, state, parameters, inputs,
         output_prefix, limits, max_attempts, created_at, queued_at, available_at)
       VALUES ($1::text, $2, 'partner', $3, 'train', $1, 'running', '{}', '[]', $1, '{}', 1, $4, $4, $4)`,
      [id, tenant.organizationId, tenant.projectId, '2026-01-01'],
    );
    await as(
      tenant,
      `INSERT INTO compute_metrics (organization_id, compute_job_id, name, step, value, attempt, sequence, created_at)
       SELECT $1, $2, 'train_loss', step, CASE step WHEN 5 THEN -1 WHEN 6 THEN 9 ELSE 1 END, 1, step, $3 FROM generate_series(1, 70) step`,
      [tenant.organizationId, id, '2026-01-01'],
    );
  }
  await owner.query('BEGIN');
  await migration.up(runner as QueryRunner);
  await owner.query('COMMIT');
  for (const tenant of tenants) {
    const { rows } = await as(
      tenant,
      `SELECT width, start, points, first_step, last_step, lowest_step, lowest_value, highest_step, highest_value
       FROM compute_metric_spans WHERE width = 64 ORDER BY start`,
    );
    const ends = { lowest_step: 5, lowest_value: -1, highest_step: 6, highest_value: 9 };
    expect(rows).toEqual([
      { width: 64, start: 0, points: 63, first_step: 1, last_step: 63, ...ends },
      {
        width: 64,
        start: 64,
        points: 7,
        first_step: 64,
        last_step: 70,
        lowest_step: 64,
        lowest_value: 1,
        highest_step: 64,
        highest_value: 1,
      },
    ]);
    const counted = await as(
      tenant,
      'SELECT (SELECT count(*)::int FROM compute_metrics) AS points, count(*)::int AS spans FROM compute_metric_spans',
    );
    expect(counted.rows).toEqual([{ points: 70, spans: 9 + 2 }]);
  }
});
