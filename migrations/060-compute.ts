import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, tenantTable } from './support/row-security.js';

/** Compute jobs of every kind, their attempts, and what attempts tell: events, metrics, checkpoints, logs. */
export class Compute1700000000060 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createJobs(q);
    await createAttempts(q);
    await createHistory(q);
    // The dispatcher and the supervisor find work of every organization; they act on each in a transaction of that organization.
    // The internal listener finds the organization of an attempt that presents its token.
    await roleMayRead(q, 'compute_jobs', 'forkpoint_reconciler', [
      'id',
      'organization_id',
      'organization_kind',
      'project_id',
      'kind',
      'state',
      'limits',
      'queued_at',
      'available_at',
      'ended_at',
      'swept_at',
    ]);
    await roleMayRead(q, 'compute_attempts', 'forkpoint_reconciler', [
      'id',
      'organization_id',
      'project_id',
      'compute_job_id',
      'number',
      'state',
      'driver',
      'token_sha256',
      'stop_requested_at',
      'signalled_at',
      'lease_expires_at',
      'reported_at',
      'fenced_at',
      'log_bytes',
      'created_at',
      'started_at',
      'released_at',
    ]);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query(
      'DROP TABLE compute_log_chunks, compute_metrics, compute_checkpoints, compute_events, compute_attempts, compute_jobs',
    );
  }
}

async function createJobs(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE compute_jobs (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    organization_kind text NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('prepare', 'train', 'evaluate')),
    owner_id text COLLATE "C" NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'starting', 'running', 'pausing', 'paused', 'cancelling', 'verifying',
                                         'succeeded', 'invalid', 'failed', 'cancelled')),
    parameters jsonb NOT NULL,
    inputs jsonb NOT NULL,
    output_prefix text NOT NULL UNIQUE,
    limits jsonb NOT NULL,
    max_attempts int NOT NULL CHECK (max_attempts >= 1),
    attempts int NOT NULL DEFAULT 0,
    failures int NOT NULL DEFAULT 0,
    sequence int NOT NULL DEFAULT 0,
    progress jsonb,
    report jsonb,
    output jsonb,
    error jsonb,
    created_at timestamptz(3) NOT NULL,
    queued_at timestamptz(3) NOT NULL,
    available_at timestamptz(3) NOT NULL,
    started_at timestamptz(3),
    ended_at timestamptz(3),
    swept_at timestamptz(3),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id)
  )`);
  await q.query(`CREATE INDEX compute_jobs_queue ON compute_jobs (project_id, queued_at, id) WHERE state = 'queued'`);
  await q.query(
    `CREATE INDEX compute_jobs_unswept ON compute_jobs (ended_at) WHERE ended_at IS NOT NULL AND swept_at IS NULL`,
  );
  await q.query('CREATE INDEX compute_jobs_by_owner ON compute_jobs (owner_id)');
  await tenantTable(q, 'compute_jobs', { grant: 'SELECT, INSERT, UPDATE' });
}

async function createAttempts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE compute_attempts (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    compute_job_id text COLLATE "C" NOT NULL REFERENCES compute_jobs (id),
    number int NOT NULL,
    state text NOT NULL CHECK (state IN ('starting', 'running', 'stopping', 'fenced', 'ended')),
    driver text NOT NULL,
    token_sha256 text NOT NULL,
    resume jsonb,
    last_event_number int NOT NULL DEFAULT 0,
    lease_expires_at timestamptz(3) NOT NULL,
    reported jsonb,
    reported_at timestamptz(3),
    stop_requested_at timestamptz(3),
    signalled_at timestamptz(3),
    fenced_at timestamptz(3),
    fence_error jsonb,
    outcome text CHECK (outcome IN ('succeeded', 'invalid', 'failed', 'stopped', 'lost', 'cancelled')),
    exit jsonb,
    error jsonb,
    log_bytes int NOT NULL DEFAULT 0,
    log_complete boolean NOT NULL DEFAULT false,
    log_key text,
    created_at timestamptz(3) NOT NULL,
    started_at timestamptz(3),
    ended_at timestamptz(3),
    released_at timestamptz(3),
    UNIQUE (compute_job_id, number)
  )`);
  // One live attempt per job, whatever the code above believes.
  await q.query(
    `CREATE UNIQUE INDEX compute_attempts_live ON compute_attempts (compute_job_id) WHERE state <> 'ended'`,
  );
  await q.query(`CREATE INDEX compute_attempts_unreleased ON compute_attempts (created_at) WHERE released_at IS NULL`);
  await q.query('CREATE INDEX compute_attempts_by_project ON compute_attempts (project_id, created_at DESC)');
  await tenantTable(q, 'compute_attempts', { grant: 'SELECT, INSERT, UPDATE' });
}

async function createHistory(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE compute_events (
    organization_id text COLLATE "C" NOT NULL,
    compute_job_id text COLLATE "C" NOT NULL REFERENCES compute_jobs (id),
    sequence int NOT NULL,
    id text COLLATE "C" NOT NULL,
    attempt int,
    type text NOT NULL CHECK (type IN ('state', 'log', 'checkpoint', 'report')),
    level text NOT NULL CHECK (level IN ('info', 'warn', 'error')),
    message text NOT NULL,
    data jsonb,
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (compute_job_id, sequence)
  )`);
  await tenantTable(q, 'compute_events', { grant: 'SELECT, INSERT' });

  await q.query(`CREATE TABLE compute_metrics (
    organization_id text COLLATE "C" NOT NULL,
    compute_job_id text COLLATE "C" NOT NULL REFERENCES compute_jobs (id),
    name text NOT NULL,
    step int NOT NULL,
    value double precision NOT NULL,
    epoch double precision,
    attempt int NOT NULL,
    sequence int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (compute_job_id, name, step)
  )`);
  await q.query('CREATE INDEX compute_metrics_by_sequence ON compute_metrics (compute_job_id, sequence)');
  await tenantTable(q, 'compute_metrics', { grant: 'SELECT, INSERT, UPDATE' });

  await q.query(`CREATE TABLE compute_checkpoints (
    organization_id text COLLATE "C" NOT NULL,
    compute_job_id text COLLATE "C" NOT NULL REFERENCES compute_jobs (id),
    attempt int NOT NULL,
    step int NOT NULL,
    folder jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('reported', 'whole', 'broken')),
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (compute_job_id, attempt, step)
  )`);
  await tenantTable(q, 'compute_checkpoints', { grant: 'SELECT, INSERT, UPDATE' });

  // Until an attempt's log is archived in the object store.
  await q.query(`CREATE TABLE compute_log_chunks (
    organization_id text COLLATE "C" NOT NULL,
    attempt_id text COLLATE "C" NOT NULL REFERENCES compute_attempts (id),
    byte_offset int NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (attempt_id, byte_offset)
  )`);
  await tenantTable(q, 'compute_log_chunks', { grant: 'SELECT, INSERT, DELETE' });
}
