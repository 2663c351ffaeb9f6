import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './support/row-security.js';

/** Evaluation suites (immutable rows in the object store), runs of a suite on a checkpoint, and each example's result. */
export class Evaluations1700000000090 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE evaluation_suites (
      id text COLLATE "C" PRIMARY KEY,
      organization_id text COLLATE "C" NOT NULL,
      project_id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      description text NOT NULL,
      metric text NOT NULL CHECK (metric IN ('exact_match', 'contains', 'loss')),
      max_new_tokens int NOT NULL CHECK (max_new_tokens >= 1),
      -- Where the rows come from: given with the request, or lines of a dataset version.
      source jsonb NOT NULL,
      status text NOT NULL CHECK (status IN ('building', 'ready', 'invalid')),
      problem jsonb,
      object_key text NOT NULL,
      row_count int CHECK (row_count > 0),
      bytes bigint CHECK (bytes > 0),
      sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      created_at timestamptz(3) NOT NULL,
      created_by text COLLATE "C" NOT NULL,
      FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
      UNIQUE (project_id, name),
      UNIQUE (id, project_id, organization_id),
      CHECK (num_nonnulls(row_count, bytes, sha256) = CASE status WHEN 'ready' THEN 3 ELSE 0 END),
      CHECK ((status = 'invalid') = (problem IS NOT NULL))
    )`);
    await q.query('CREATE INDEX evaluation_suites_page ON evaluation_suites (project_id, created_at DESC, id DESC)');
    await tenantTable(q, 'evaluation_suites', {
      grant: 'SELECT, INSERT, UPDATE (status, problem, row_count, bytes, sha256)',
    });

    await q.query(`CREATE TABLE evaluation_runs (
      id text COLLATE "C" PRIMARY KEY,
      organization_id text COLLATE "C" NOT NULL,
      project_id text COLLATE "C" NOT NULL,
      suite_id text COLLATE "C" NOT NULL,
      checkpoint_id text COLLATE "C" NOT NULL,
      checkpoint_name text NOT NULL,
      base_checkpoint_id text COLLATE "C" NOT NULL,
      family_id text COLLATE "C" NOT NULL,
      status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
      compute_job_id text COLLATE "C" UNIQUE,
      summary jsonb,
      output jsonb,
      error jsonb,
      evaluation_tokens bigint CHECK (evaluation_tokens >= 0),
      cost_nanos numeric(38,0) CHECK (cost_nanos >= 0),
      created_at timestamptz(3) NOT NULL,
      created_by text COLLATE "C" NOT NULL,
      started_at timestamptz(3),
      ended_at timestamptz(3),
      FOREIGN KEY (suite_id, project_id, organization_id)
        REFERENCES evaluation_suites (id, project_id, organization_id),
      UNIQUE (id, organization_id),
      CHECK ((status IN ('succeeded', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
      CHECK (num_nonnulls(summary, output, evaluation_tokens, cost_nanos) = CASE status WHEN 'succeeded' THEN 4 ELSE 0 END),
      CHECK ((status = 'failed') = (error IS NOT NULL))
    )`);
    await q.query('CREATE INDEX evaluation_runs_page ON evaluation_runs (project_id, created_at DESC, id DESC)');
    await q.query('CREATE INDEX evaluation_runs_suite ON evaluation_runs (suite_id, created_at DESC, id DESC)');
    await q.query(
      'CREATE INDEX evaluation_runs_checkpoint ON evaluation_runs (checkpoint_id, created_at DESC, id DESC)',
    );
    await tenantTable(q, 'evaluation_runs', { grant: 'SELECT, INSERT, UPDATE' });

    await q.query(`CREATE TABLE evaluation_results (
      run_id text COLLATE "C" NOT NULL,
      example int NOT NULL CHECK (example >= 0),
      organization_id text COLLATE "C" NOT NULL,
      prompt text NOT NULL,
      expected text NOT NULL,
      output text,
      score double precision NOT NULL,
      loss double precision NOT NULL,
      expected_tokens int NOT NULL,
      output_tokens int NOT NULL,
      cut boolean NOT NULL,
      PRIMARY KEY (run_id, example),
      FOREIGN KEY (run_id, organization_id) REFERENCES evaluation_runs (id, organization_id)
    )`);
    await tenantTable(q, 'evaluation_results', { grant: 'SELECT, INSERT' });
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE evaluation_results, evaluation_runs, evaluation_suites');
  }
}
