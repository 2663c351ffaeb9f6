import { Inject, Injectable } from '@nestjs/common';
import { ZodError } from 'zod';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { JobLimits, JobWork, MetricName } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { COMPUTE_ERRORS } from './compute.errors.js';
import {
  changeAttempt,
  changeJob,
  findJobs,
  findLiveAttempt,
  getJob,
  insertJob,
  lockJob,
} from './compute.repository.js';
import type { ComputeInput, ComputeJob } from './compute-job.js';
import { type ComputeJobState, computeJobStates } from './compute-job.state.js';
import { composeSpec } from './job-spec.js';
import { appendHistory } from './journal.js';

/** Kind and parameters of the work, every value explicit, and what surrounds it. */
export type ComputeSubmission = JobWork & SubmissionTerms;

interface SubmissionTerms {
  /** Whose work this is (a fine-tune job, a preparation, an evaluation run): told again when the job ends. */
  ownerId: string;
  projectId: string;
  inputs: ComputeInput[];
  limits: JobLimits;
  /** Attempts that may fail before the job does. */
  maxAttempts?: number;
  /** Begins with `org/<organization>/` and ends in a slash; unique. By default `org/<organization>/compute/<job>/`. */
  outputPrefix?: string;
}

const DEFAULT_MAX_ATTEMPTS = 3;

/**
 * Compute jobs as the domains that own them see them. What happens at once is told by the state that is returned; what
 * takes until a process is gone is told by the message compute.job.ended.
 */
@Injectable()
export class ComputeService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Queues a job and gives its id. */
  async submit(tx: Transaction, submission: ComputeSubmission): Promise<string> {
    const job = this.newJob(tx, submission);
    assertSpec(job);
    await insertJob(tx, job);
    await appendHistory(tx, job.id, job.createdAt, {
      events: [{ attempt: null, type: 'state', message: 'The job is queued.', data: { state: 'queued' } }],
    });
    tx.publish({ type: 'compute.wanted', payload: { what: 'dispatch' } });
    return job.id;
  }

  get(tx: Transaction, id: string): Promise<ComputeJob> {
    return getJob(tx, id);
  }

  find(tx: Transaction, ids: readonly string[]): Promise<ComputeJob[]> {
    return findJobs(tx, ids);
  }

  /**
   * How many attempts will have begun when each of these jobs has, itself included, if nothing changes: 1 is next. Among the
   * jobs of everybody; without those that do not wait for their turn.
   */
  async turns(tx: Transaction, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ id: string; turn: number }>('SELECT id, turn FROM compute_places($1, $2)', [
      ids,
      this.clock.now(),
    ]);
    return new Map(rows.map(({ id, turn }) => [id, turn]));
  }

  /** How many jobs of other organizations that are not over read any of these objects of the scope's own. */
  async countReadersElsewhere(tx: Transaction, objectKeys: readonly string[]): Promise<number> {
    const row = await tx.one<{ jobs: number }>('SELECT object_readers_elsewhere($1) AS jobs', [[...objectKeys]]);
    return row!.jobs;
  }

  /** The sum of a metric over the job's steps, each step once however often it was run. */
  async metricTotal(tx: Transaction, id: string, name: MetricName): Promise<number> {
    const row = await tx.one<{ total: number }>(
      `SELECT coalesce(sum(value), 0)::float8 AS total FROM compute_metrics
       WHERE compute_job_id = $1 AND organization_id = :organization AND name = $2`,
      [id, name],
    );
    return row!.total;
  }

  /** `cancelled`: nothing ran. `cancelling`: the process is being ended, and writes nothing more to the object store. */
  async cancel(tx: Transaction, id: string): Promise<ComputeJobState> {
    const job = await lockJob(tx, id);
    if (job.state === 'cancelling') return job.state;
    if (['queued', 'paused', 'verifying'].includes(job.state)) {
      return this.move(tx, job, 'cancelled', 'The job was cancelled.');
    }
    computeJobStates.assert(job.state, 'cancelling');
    await this.requestStop(tx, job);
    return this.move(tx, job, 'cancelling', 'The job is being cancelled.');
  }

  /** `paused`: nothing ran. `pausing`: the process saves what it has and ends. */
  async pause(tx: Transaction, id: string): Promise<ComputeJobState> {
    const job = await lockJob(tx, id);
    if (job.state === 'pausing' || job.state === 'paused') return job.state;
    if (job.state === 'queued') return this.move(tx, job, 'paused', 'The job is paused.');
    computeJobStates.assert(job.state, 'pausing');
    await this.requestStop(tx, job);
    return this.move(tx, job, 'pausing', 'The job saves its state and pauses.');
  }

  /** Back into the queue; the next attempt begins after the newest whole checkpoint. */
  async resume(tx: Transaction, id: string): Promise<ComputeJobState> {
    const job = await lockJob(tx, id);
    // Other states lead to the queue too, between attempts: that is the supervisor's to decide.
    if (job.state !== 'paused') throw COMPUTE_ERRORS.COMPUTE_JOB_NOT_PAUSED({ id, state: job.state });
    tx.publish({ type: 'compute.wanted', payload: { what: 'dispatch' } });
    return this.move(tx, job, 'queued', 'The job is queued again.');
  }

  private async move(
    tx: Transaction,
    job: ComputeJob,
    state: ComputeJobState,
    message: string,
  ): Promise<ComputeJobState> {
    const now = this.clock.now();
    await changeJob(tx, job, {
      state,
      ...(state === 'queued' && { queuedAt: now, availableAt: now }),
      ...(computeJobStates.isTerminal(state) && { endedAt: now }),
    });
    await appendHistory(tx, job.id, now, { events: [{ attempt: null, type: 'state', message, data: { state } }] });
    return state;
  }

  private async requestStop(tx: Transaction, job: ComputeJob): Promise<void> {
    const attempt = await findLiveAttempt(tx, job.id);
    if (attempt && (attempt.state === 'starting' || attempt.state === 'running')) {
      await changeAttempt(tx, attempt, { state: 'stopping', stopRequestedAt: this.clock.now() });
    }
    tx.publish({ type: 'compute.wanted', payload: { what: 'supervise' } });
  }

  private newJob(tx: Transaction, submission: ComputeSubmission): ComputeJob {
    const now = this.clock.now();
    const id = newId('cjob');
    const { organizationId, kind: organizationKind } = tx.scope;
    const organizationPrefix = `org/${organizationId}/`;
    const outputPrefix = submission.outputPrefix ?? `${organizationPrefix}compute/${id}/`;
    if (!outputPrefix.startsWith(organizationPrefix) || !outputPrefix.endsWith('/')) {
      throw COMPUTE_ERRORS.INVALID_COMPUTE_JOB({ problem: `the output prefix must lie in ${organizationPrefix}` });
    }
    return {
      id,
      organizationId,
      organizationKind,
      projectId: submission.projectId,
      kind: submission.kind,
      ownerId: submission.ownerId,
      state: computeJobStates.initial,
      parameters: submission.parameters,
      inputs: submission.inputs,
      outputPrefix,
      limits: submission.limits,
      maxAttempts: submission.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
      attempts: 0,
      failures: 0,
      progress: null,
      report: null,
      output: null,
      error: null,
      createdAt: now,
      queuedAt: now,
      availableAt: now,
      startedAt: null,
      endedAt: null,
    };
  }
}

/** A spec that the trainer would refuse is refused here, while its author is on the line. */
function assertSpec(job: ComputeJob): void {
  try {
    composeSpec(job, { id: 'att', number: 1, resume: null }, { apiUrl: 'http://localhost', heartbeatSeconds: 1 });
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const [issue] = error.issues;
    throw COMPUTE_ERRORS.INVALID_COMPUTE_JOB({ problem: `${issue?.path.join('.')}: ${issue?.message}` });
  }
}
