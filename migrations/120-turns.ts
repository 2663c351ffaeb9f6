import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The order of the queue has one definition: the dispatcher starts jobs by it, and owners are told their place in it. */
export class Turns1700000000120 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(
      `DO $$ BEGIN CREATE ROLE forkpoint_queue NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
    );
    await q.query('GRANT USAGE, CREATE ON SCHEMA public TO forkpoint_queue');
    for (const [table, columns] of Object.entries(READ_FOR_TURNS)) {
      await q.query(`CREATE POLICY ${table}_turns ON ${table} FOR SELECT TO forkpoint_queue USING (true)`);
      await q.query(`GRANT SELECT (${columns}) ON ${table} TO forkpoint_queue`);
    }
    await q.query(TURNS);
    await q.query(PLACES);
    await q.query('REVOKE ALL ON FUNCTION compute_turns(timestamptz), compute_places(text[], timestamptz) FROM PUBLIC');
    await q.query('GRANT EXECUTE ON FUNCTION compute_turns(timestamptz) TO forkpoint_reconciler, forkpoint_queue');
    await q.query('GRANT EXECUTE ON FUNCTION compute_places(text[], timestamptz) TO forkpoint_app');
    // To hand a function to a role one has to be a member of it; for these lines only, since members share its sight.
    await q.query('GRANT forkpoint_queue TO CURRENT_USER');
    await q.query('ALTER FUNCTION compute_places(text[], timestamptz) OWNER TO forkpoint_queue');
    await q.query('REVOKE forkpoint_queue FROM CURRENT_USER');
    await q.query('REVOKE CREATE ON SCHEMA public FROM forkpoint_queue');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('GRANT forkpoint_queue TO CURRENT_USER');
    await q.query('DROP FUNCTION compute_places(text[], timestamptz)');
    await q.query('DROP FUNCTION compute_turns(timestamptz)');
    for (const [table, columns] of Object.entries(READ_FOR_TURNS)) {
      await q.query(`REVOKE SELECT (${columns}) ON ${table} FROM forkpoint_queue`);
      await q.query(`DROP POLICY ${table}_turns ON ${table}`);
    }
    await q.query('REVOKE forkpoint_queue FROM CURRENT_USER');
  }
}

const READ_FOR_TURNS = {
  compute_jobs: 'id, organization_id, organization_kind, project_id, state, queued_at, available_at',
  compute_attempts: 'project_id, state, created_at, released_at',
};

/**
 * Jobs that may start at a time, by whose turn it is: 1 is next. Each project's queue is in its own order; between projects
 * the one with the fewest jobs at work goes first, and of equals the one that was served longest ago. A thousand queued
 * jobs of one project delay another project by one job.
 */
const TURNS = `CREATE FUNCTION compute_turns(at timestamptz)
  RETURNS TABLE (turn int, id text, project_id text, organization_id text, organization_kind text) LANGUAGE sql STABLE AS $$
    WITH queued AS (
      SELECT j.id, j.project_id, j.organization_id, j.organization_kind, j.queued_at,
             row_number() OVER (PARTITION BY j.project_id ORDER BY j.queued_at, j.id) AS place
      FROM public.compute_jobs j WHERE j.state = 'queued' AND j.available_at <= at
    ), projects AS (
      SELECT q.project_id, recent.served_at, live.attempts
      FROM (SELECT DISTINCT queued.project_id FROM queued) q
      CROSS JOIN LATERAL (SELECT max(a.created_at) AS served_at FROM public.compute_attempts a
                          WHERE a.project_id = q.project_id) recent
      CROSS JOIN LATERAL (SELECT count(*) AS attempts FROM public.compute_attempts a
                          WHERE a.project_id = q.project_id AND a.state <> 'ended' AND a.released_at IS NULL) live
    )
    SELECT (row_number() OVER (ORDER BY place + attempts, served_at NULLS FIRST, queued_at, queued.id))::int,
           queued.id, queued.project_id, queued.organization_id, queued.organization_kind
    FROM queued JOIN projects USING (project_id) $$`;

/**
 * When it is the turn of jobs of the organization that asks, among those of all: it is told numbers, and nothing of whose
 * jobs come before. A role of its own owns the function and reads just what the order needs; it can't log in.
 */
const PLACES = `CREATE FUNCTION compute_places(sought text[], at timestamptz) RETURNS TABLE (id text, turn int)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.id, t.turn FROM public.compute_turns(at) t
    WHERE t.id = ANY (sought) AND t.organization_id = public.app_organization() $$`;
