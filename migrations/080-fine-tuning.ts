import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './support/row-security.js';

/** Fine-tune jobs: one row per job, whichever door it came through. */
export class FineTuning1700000000080 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE fine_tune_jobs (
      id text COLLATE "C" PRIMARY KEY,
      organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
      project_id text COLLATE "C" NOT NULL,
      status text NOT NULL CHECK (status IN ('validating_files', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
      method text NOT NULL CHECK (method IN ('supervised')),
      suffix text,
      parent_checkpoint_id text COLLATE "C" NOT NULL,
      parent_name text NOT NULL,
      training_file_id text COLLATE "C" NOT NULL,
      validation_file_id text COLLATE "C",
      preparation_id text COLLATE "C",
      compute_job_id text COLLATE "C" UNIQUE,
      reservation_id text COLLATE "C",
      output_checkpoint_id text COLLATE "C",
      output_name text,
      result_file_id text COLLATE "C",
      requested jsonb NOT NULL,
      recipe jsonb,
      policy jsonb NOT NULL,
      metadata jsonb NOT NULL DEFAULT '{}',
      seed bigint NOT NULL,
      cost_cap_nanos numeric(38,0),
      planned_steps int,
      planned_tokens bigint,
      quoted_nanos numeric(38,0),
      cost_nanos numeric(38,0),
      trained_tokens bigint,
      estimated_seconds int,
      error_code text,
      error_message text,
      error_param text,
      created_by text COLLATE "C" NOT NULL,
      request_sha256 text NOT NULL,
      created_at timestamptz(3) NOT NULL,
      started_at timestamptz(3),
      finished_at timestamptz(3),
      estimated_finish_at timestamptz(3),
      FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id)
    )`);
    await q.query('CREATE INDEX fine_tune_jobs_by_project ON fine_tune_jobs (project_id, created_at DESC, id DESC)');
    await q.query(
      'CREATE INDEX fine_tune_jobs_by_organization ON fine_tune_jobs (organization_id, created_at DESC, id DESC)',
    );
    await q.query('CREATE INDEX fine_tune_jobs_by_preparation ON fine_tune_jobs (preparation_id)');
    await q.query('CREATE INDEX fine_tune_jobs_by_request ON fine_tune_jobs (created_by, request_sha256, created_at)');
    await q.query('CREATE INDEX fine_tune_jobs_by_parent ON fine_tune_jobs (parent_checkpoint_id)');
    await q.query('CREATE INDEX fine_tune_jobs_metadata ON fine_tune_jobs USING gin (metadata jsonb_path_ops)');
    await tenantTable(q, 'fine_tune_jobs', { grant: 'SELECT, INSERT, UPDATE' });
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE fine_tune_jobs');
  }
}
