import { Injectable } from '@nestjs/common';
import type { JobLimits } from '#libs/messages';
import { Database, type Scope, systemScope } from '#platform/database';
import type { AttemptState } from '../attempt.state.js';
import type { ComputeJobState } from '../compute-job.state.js';

export interface Owned {
  organizationId: string;
  organizationKind: 'lab' | 'partner';
}

export interface QueuedJob extends Owned {
  id: string;
  projectId: string;
}

/** An attempt that is not over, or whose remains are not yet cleared away. */
export interface WatchedAttempt extends Owned {
  id: string;
  jobId: string;
  number: number;
  state: AttemptState;
  jobState: ComputeJobState;
  limits: JobLimits;
  createdAt: Date;
  startedAt: Date | null;
  leaseExpiresAt: Date;
  stopRequestedAt: Date | null;
  signalledAt: Date | null;
  reportedAt: Date | null;
  logBytes: number;
}

/** What there is to do, over all organizations. Each thing found is done in a transaction of its own organization. */
@Injectable()
export class WorkList {
  constructor(private readonly database: Database) {}

  /** Attempts that hold a slot of the driver. */
  async liveAttempts(driver: string): Promise<number> {
    const [row] = await this.query<{ live: number }>(
      `SELECT count(*)::int AS live FROM compute_attempts WHERE released_at IS NULL AND state <> 'ended' AND driver = $1`,
      [driver],
    );
    return row!.live;
  }

  /** The jobs whose turn it is, in the order that `compute_turns` of migrations/120-turns.ts defines. */
  nextInTurn(now: Date, count: number): Promise<QueuedJob[]> {
    return this.query<QueuedJob>(
      `SELECT id, project_id AS "projectId", organization_id AS "organizationId", organization_kind AS "organizationKind"
       FROM compute_turns($1) ORDER BY turn LIMIT $2`,
      [now, count],
    );
  }

  /** Jobs that are over, whose attempts may have left behind what nobody needs. */
  unswept(endedBefore: Date, count: number): Promise<Array<Owned & { id: string }>> {
    return this.query(
      `SELECT id, organization_id AS "organizationId", organization_kind AS "organizationKind" FROM compute_jobs
       WHERE ended_at <= $1 AND swept_at IS NULL ORDER BY ended_at LIMIT $2`,
      [endedBefore, count],
    );
  }

  watched(driver: string): Promise<WatchedAttempt[]> {
    return this.query<WatchedAttempt>(
      `SELECT a.id, a.compute_job_id AS "jobId", a.number, a.state, a.created_at AS "createdAt", a.started_at AS "startedAt",
              a.lease_expires_at AS "leaseExpiresAt", a.stop_requested_at AS "stopRequestedAt",
              a.signalled_at AS "signalledAt", a.reported_at AS "reportedAt", a.log_bytes AS "logBytes",
              j.state AS "jobState", j.limits, j.organization_id AS "organizationId", j.organization_kind AS "organizationKind"
       FROM compute_attempts a JOIN compute_jobs j ON j.id = a.compute_job_id
       WHERE a.released_at IS NULL AND a.driver = $1 ORDER BY a.created_at, a.id`,
      [driver],
    );
  }

  private query<Row extends object>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.database.as('reconciler', (tx) => tx.query<Row>(sql, parameters));
  }
}

export function scopeOf({ organizationId, organizationKind }: Owned): Scope {
  return systemScope('compute', organizationId, organizationKind);
}
