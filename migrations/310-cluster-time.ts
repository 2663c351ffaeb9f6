import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How long the cluster worked for which partner's work: what the lab sets against revenue. Of attempts it tells no more than that; it answers in a scope
 * of the lab alone, by the role that owns the functions of 140-cluster.ts.
 */
export class ClusterTime1700000000310 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query('GRANT SELECT (owner_id, organization_kind) ON compute_jobs TO forkpoint_cluster');
    await q.query('GRANT SELECT (ended_at) ON compute_attempts TO forkpoint_cluster');
    await q.query('CREATE INDEX compute_attempts_by_end ON compute_attempts (ended_at, started_at)');
    await q.query('GRANT forkpoint_cluster TO CURRENT_USER');
    await q.query('GRANT CREATE ON SCHEMA public TO forkpoint_cluster');
    // Of what has not ended the time so far.
    await q.query(`CREATE FUNCTION cluster_times(since timestamptz, before timestamptz, as_of timestamptz)
      RETURNS TABLE (organization_id text, owner_id text, milliseconds bigint)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT a.organization_id, j.owner_id,
               sum(round(1000 * extract(epoch FROM least(coalesce(a.ended_at, as_of), before) - greatest(a.started_at, since))))::bigint
        FROM public.compute_attempts a JOIN public.compute_jobs j ON j.id = a.compute_job_id
        WHERE public.app_scope_kind() = 'lab' AND j.organization_kind = 'partner' AND a.started_at < least(before, as_of)
          AND (a.ended_at > since OR a.ended_at IS NULL AND as_of > since)
        GROUP BY 1, 2 $$`);
    await q.query('REVOKE ALL ON FUNCTION cluster_times(timestamptz, timestamptz, timestamptz) FROM PUBLIC');
    await q.query('GRANT EXECUTE ON FUNCTION cluster_times(timestamptz, timestamptz, timestamptz) TO forkpoint_app');
    await q.query('ALTER FUNCTION cluster_times(timestamptz, timestamptz, timestamptz) OWNER TO forkpoint_cluster');
    await q.query('REVOKE CREATE ON SCHEMA public FROM forkpoint_cluster');
    await q.query('REVOKE forkpoint_cluster FROM CURRENT_USER');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP FUNCTION cluster_times(timestamptz, timestamptz, timestamptz)');
    await q.query('DROP INDEX compute_attempts_by_end');
    await q.query('REVOKE SELECT (owner_id, organization_kind) ON compute_jobs FROM forkpoint_cluster');
    await q.query('REVOKE SELECT (ended_at) ON compute_attempts FROM forkpoint_cluster');
  }
}
