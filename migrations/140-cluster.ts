import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayWrite } from './support/row-security.js';

/** What the functions below read, and nothing else: no data, parameters, results or logs of anybody. */
const READABLE = {
  compute_jobs:
    'id, organization_id, project_id, kind, state, attempts, failures, max_attempts, progress, queued_at, started_at, ended_at',
  compute_attempts:
    'id, organization_id, project_id, compute_job_id, number, state, driver, lease_expires_at, stop_requested_at, created_at, started_at',
  projects: 'id, name',
  engines:
    'id, base_checkpoint_id, managed_by, host, state, memory_bytes, max_adapters, failures, retry_at, last_error, created_at, ready_at, ended_at',
  engine_adapters: 'engine_id, checkpoint_id, state, last_error, loaded_at',
  checkpoints: 'id, organization_id',
};

/**
 * The lab's operators keep the cluster, so they see whose work waits and runs on it, and what serves: rows of every
 * organization, by functions that answer in a scope of the lab alone. As for the impact of a retirement, a role owns them that
 * can't log in and reads just these columns; a policy for the application would open whole rows.
 */
export class Cluster1700000000140 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createHosts(q);
    await createReader(q);
    // What is under way, however long the history is.
    await q.query('CREATE INDEX compute_jobs_live ON compute_jobs (queued_at, id) WHERE ended_at IS NULL');
    await createFunctions(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP FUNCTION cluster_jobs(), cluster_attempts(), cluster_engines()');
    await q.query('DROP INDEX compute_jobs_live');
    for (const table of Object.keys(READABLE)) {
      await q.query(`DROP POLICY ${table}_cluster ON ${table}`);
      await q.query(`REVOKE ALL ON ${table} FROM forkpoint_cluster`);
    }
    await q.query('DROP TABLE engine_hosts');
  }
}

/** What each machine of the engine pool may use: its worker knows, the api does not. Holds no tenant data. */
async function createHosts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE engine_hosts (
    name text PRIMARY KEY,
    memory_budget_bytes bigint NOT NULL CHECK (memory_budget_bytes > 0),
    max_engines int NOT NULL CHECK (max_engines >= 0),
    observed_at timestamptz(3) NOT NULL
  )`);
  await q.query('ALTER TABLE engine_hosts ENABLE ROW LEVEL SECURITY');
  await q.query('ALTER TABLE engine_hosts FORCE ROW LEVEL SECURITY');
  await roleMayWrite(q, 'engine_hosts', 'forkpoint_reconciler', 'SELECT, INSERT, UPDATE, DELETE');
  await q.query(
    `CREATE POLICY engine_hosts_lab ON engine_hosts FOR SELECT TO forkpoint_app USING ((SELECT app_scope_kind()) = 'lab')`,
  );
  await q.query('GRANT SELECT ON engine_hosts TO forkpoint_app');
}

async function createReader(q: QueryRunner): Promise<void> {
  await q.query(
    `DO $$ BEGIN CREATE ROLE forkpoint_cluster NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
  );
  await q.query('GRANT USAGE, CREATE ON SCHEMA public TO forkpoint_cluster');
  for (const [table, columns] of Object.entries(READABLE)) {
    await q.query(`CREATE POLICY ${table}_cluster ON ${table} FOR SELECT TO forkpoint_cluster USING (true)`);
    await q.query(`GRANT SELECT (${columns}) ON ${table} TO forkpoint_cluster`);
  }
}

async function createFunctions(q: QueryRunner): Promise<void> {
  const define = (name: string, result: string, body: string) =>
    q.query(`CREATE FUNCTION ${name}() RETURNS TABLE (${result}) LANGUAGE sql STABLE SECURITY DEFINER
      SET search_path = pg_catalog, pg_temp AS $$ ${body} $$`);
  await define(
    'cluster_jobs',
    `id text, organization_id text, project_id text, project_name text, kind text, state text, attempts int, failures int,
     max_attempts int, queued_at timestamptz, started_at timestamptz`,
    `SELECT j.id, j.organization_id, j.project_id, p.name, j.kind, j.state, j.attempts, j.failures, j.max_attempts, j.queued_at,
            j.started_at
     FROM public.compute_jobs j JOIN public.projects p ON p.id = j.project_id
     WHERE public.app_scope_kind() = 'lab' AND j.ended_at IS NULL`,
  );
  await define(
    'cluster_attempts',
    `id text, organization_id text, project_id text, project_name text, job_id text, kind text, number int, state text, driver text,
     lease_expires_at timestamptz, stop_requested_at timestamptz, created_at timestamptz, started_at timestamptz, progress jsonb`,
    `SELECT a.id, a.organization_id, a.project_id, p.name, a.compute_job_id, j.kind, a.number, a.state, a.driver, a.lease_expires_at,
            a.stop_requested_at, a.created_at, a.started_at, j.progress
     FROM public.compute_attempts a
     JOIN public.compute_jobs j ON j.id = a.compute_job_id
     JOIN public.projects p ON p.id = a.project_id
     WHERE public.app_scope_kind() = 'lab' AND a.state <> 'ended'`,
  );
  await define(
    'cluster_engines',
    `id text, base_checkpoint_id text, managed_by text, host text, state text, memory_bytes bigint, max_adapters int, failures int,
     retry_at timestamptz, last_error text, created_at timestamptz, ready_at timestamptz, ended_at timestamptz, adapters jsonb`,
    `SELECT e.id, e.base_checkpoint_id, e.managed_by, e.host, e.state, e.memory_bytes, e.max_adapters, e.failures, e.retry_at,
            e.last_error, e.created_at, e.ready_at, e.ended_at,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('checkpointId', a.checkpoint_id, 'organizationId', c.organization_id,
                      'state', a.state, 'lastError', a.last_error) ORDER BY a.checkpoint_id), '[]')
             FROM public.engine_adapters a JOIN public.checkpoints c ON c.id = a.checkpoint_id WHERE a.engine_id = e.id)
     FROM public.engines e WHERE public.app_scope_kind() = 'lab'`,
  );
  // To hand a function to a role one has to be a member of it; for these lines only, since members share its sight.
  await q.query('GRANT forkpoint_cluster TO CURRENT_USER');
  for (const name of ['cluster_jobs', 'cluster_attempts', 'cluster_engines']) {
    await q.query(`REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC`);
    await q.query(`GRANT EXECUTE ON FUNCTION ${name}() TO forkpoint_app`);
    await q.query(`ALTER FUNCTION ${name}() OWNER TO forkpoint_cluster`);
  }
  await q.query('REVOKE forkpoint_cluster FROM CURRENT_USER');
  await q.query('REVOKE CREATE ON SCHEMA public FROM forkpoint_cluster');
}
