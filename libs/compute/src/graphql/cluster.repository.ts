import type { Transaction } from '#platform/database';
import { type Connection, type ConnectionArgs, paginate } from '#platform/graphql';
import { LEASE_SECONDS } from '../compute.settings.js';
import type { ClusterAttemptType, ClusterJobsArgs, ClusterJobType, ClusterLoadType } from './cluster.types.js';

// The functions give rows of every organization in a scope of the lab and none in another: migrations/140-cluster.ts.

const OWNER = `organization_id AS "organizationId", project_id AS "projectId", project_name AS "projectName", kind`;

/** Those that wait longest first. */
export function pageOfClusterJobs(tx: Transaction, args: ClusterJobsArgs): Promise<Connection<ClusterJobType>> {
  return paginate<ClusterJobType, ClusterJobType>(tx, {
    from: 'cluster_jobs() j',
    columns: `id, ${OWNER}, state, attempts, failures, max_attempts AS "maxAttempts", queued_at AS "queuedAt",
      started_at AS "startedAt"`,
    where: ['$1::text[] IS NULL OR state = ANY ($1)'],
    parameters: [args.states ?? null],
    orderBy: [
      { column: 'queued_at', type: 'timestamptz' },
      { column: 'id', type: 'text' },
    ],
    direction: 'ASC',
    args,
    map: (row) => row,
  });
}

/** The oldest first. */
export function pageOfClusterAttempts(tx: Transaction, args: ConnectionArgs): Promise<Connection<ClusterAttemptType>> {
  return paginate<Omit<ClusterAttemptType, 'heardAt'>, ClusterAttemptType>(tx, {
    from: 'cluster_attempts() a',
    columns: `id, ${OWNER}, job_id AS "jobId", number, state, driver, created_at AS "createdAt", started_at AS "startedAt",
      lease_expires_at AS "leaseExpiresAt", stop_requested_at AS "stopRequestedAt", progress`,
    orderBy: [
      { column: 'created_at', type: 'timestamptz' },
      { column: 'id', type: 'text' },
    ],
    direction: 'ASC',
    args,
    // Its lease begins anew with all that is heard of it.
    map: (row) => ({ ...row, heardAt: new Date(row.leaseExpiresAt.getTime() - LEASE_SECONDS * 1000) }),
  });
}

export async function readClusterLoad(tx: Transaction): Promise<ClusterLoadType> {
  const load = await tx.one<ClusterLoadType>(
    `SELECT count(*) FILTER (WHERE state = 'queued')::int AS waiting, count(*) FILTER (WHERE state = 'paused')::int AS paused,
            count(*) FILTER (WHERE state NOT IN ('queued', 'paused'))::int AS running,
            min(queued_at) FILTER (WHERE state = 'queued') AS "waitingSince"
     FROM cluster_jobs()`,
  );
  return load!;
}
