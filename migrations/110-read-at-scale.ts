import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './support/row-security.js';

/**
 * What long histories need to be read fast: row security asks for the organization once per statement instead of once per
 * row, and of every curve the extremes of each stretch of steps are kept beside its points.
 */
export class ReadAtScale1700000000110 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await askOnce(q, '(organization_id = app_organization())', 'organization_id = (SELECT app_organization())');
    await askOnce(q, `(app_scope_kind() = 'lab'::text)`, `(SELECT app_scope_kind()) = 'lab'`);
    await createSpans(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE compute_metric_spans');
  }
}

/** Rewrites what policies let through; what they let in stays: it is asked per row that is written anyway. */
async function askOnce(q: QueryRunner, perRow: string, perStatement: string): Promise<void> {
  const policies = (await q.query('SELECT tablename, policyname FROM pg_policies WHERE qual = $1', [perRow])) as Array<{
    tablename: string;
    policyname: string;
  }>;
  for (const { tablename, policyname } of policies) {
    await q.query(`ALTER POLICY ${policyname} ON ${tablename} USING (${perStatement})`);
  }
}

/**
 * Follows compute_metrics in the same transaction (libs/compute/src/metric-spans.ts). `start` is a multiple of `width`; the
 * span is of the steps from `start` to before `start + width`, as far as the curve has points there.
 */
async function createSpans(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE compute_metric_spans (
    organization_id text COLLATE "C" NOT NULL,
    compute_job_id text COLLATE "C" NOT NULL REFERENCES compute_jobs (id),
    name text NOT NULL,
    width int NOT NULL CHECK (width IN (8, 64)),
    start int NOT NULL CHECK (start % width = 0),
    points int NOT NULL,
    first_step int NOT NULL,
    first_value double precision NOT NULL,
    last_step int NOT NULL,
    last_value double precision NOT NULL,
    lowest_step int NOT NULL,
    lowest_value double precision NOT NULL,
    highest_step int NOT NULL,
    highest_value double precision NOT NULL,
    PRIMARY KEY (compute_job_id, name, width, start)
  )`);
  // Before row security is on: the owner, too, is held by it, and what was measured so far belongs to everybody.
  await q.query('ALTER TABLE compute_metrics NO FORCE ROW LEVEL SECURITY');
  await q.query(`INSERT INTO compute_metric_spans
    SELECT organization_id, compute_job_id, name, width, start, points, first[1]::int, first[2], last[1]::int, last[2],
           lowest[2]::int, lowest[1], -highest[2]::int, highest[1]
    FROM (SELECT organization_id, compute_job_id, name, width, step / width * width AS start, count(*) AS points,
                 min(ARRAY[step, value]) AS first, max(ARRAY[step, value]) AS last,
                 min(ARRAY[value, step]) AS lowest, max(ARRAY[value, -step]) AS highest
          FROM compute_metrics CROSS JOIN (VALUES (8), (64)) AS level (width) GROUP BY 1, 2, 3, 4, 5) span`);
  await q.query('ALTER TABLE compute_metrics FORCE ROW LEVEL SECURITY');
  await tenantTable(q, 'compute_metric_spans', { grant: 'SELECT, INSERT, UPDATE' });
}
