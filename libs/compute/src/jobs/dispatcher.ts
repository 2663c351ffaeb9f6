import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { Every } from '#platform/queue';
import type { Logger } from '#platform/telemetry';
import { changeJob, findCheckpoints, findLiveAttempt, getJob, insertAttempt, lockJob } from '../compute.repository.js';
import { HEARTBEAT_SECONDS } from '../compute.settings.js';
import {
  type ComputeAttempt,
  type ComputeCheckpoint,
  type ComputeJob,
  folderPrefix,
  type ResumePoint,
} from '../compute-job.js';
import { composeSpec } from '../job-spec.js';
import { appendHistory } from '../journal.js';
import { newAttempt } from '../new-attempt.js';
import { attemptError } from './attempt.policy.js';
import { COMPUTE_JOBS_SETTINGS, type ComputeJobsSettings } from './compute-jobs.settings.js';
import { COMPUTE_LOGGER } from './compute-jobs.tokens.js';
import { concludeAttempt } from './conclusion.js';
import { attemptKey, DRIVER, type Driver } from './drivers/driver.js';
import { FolderVerifier } from './folder-verifier.js';
import { type QueuedJob, scopeOf, WorkList } from './work-list.js';

interface StartedAttempt {
  job: ComputeJob;
  attempt: ComputeAttempt;
  token: string;
}

/** Starts attempts while the driver has room, project by project in turn. */
@Injectable()
export class Dispatcher {
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly workList: WorkList,
    private readonly verifier: FolderVerifier,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DRIVER) private readonly driver: Driver,
    @Inject(COMPUTE_JOBS_SETTINGS) private readonly settings: ComputeJobsSettings,
    @Inject(COMPUTE_LOGGER) private readonly logger: Logger,
  ) {}

  /** Nothing is started any more. */
  close(): void {
    this.closed = true;
  }

  @Every('1s', 'compute.dispatch')
  async dispatch(signal?: AbortSignal): Promise<void> {
    const free = this.driver.slots - (await this.workList.liveAttempts(this.driver.name));
    if (free <= 0) return;
    for (const queued of await this.workList.nextInTurn(this.clock.now(), free)) {
      if (this.closed || signal?.aborted) return;
      await this.start(queued).catch((error: unknown) =>
        this.logger.error({ err: error, computeJobId: queued.id }, 'an attempt could not be started'),
      );
    }
  }

  private async start(queued: QueuedJob): Promise<void> {
    const scope = scopeOf(queued);
    const resume = await this.resumePoint(queued);
    const started = await this.database.transaction(scope, (tx) => this.begin(tx, queued.id, resume));
    if (!started) return;
    const { job, attempt, token } = started;
    const { apiUrl } = this.settings;
    const key = attemptKey({ jobId: job.id, number: attempt.number });
    try {
      const spec = composeSpec(job, attempt, { apiUrl, heartbeatSeconds: HEARTBEAT_SECONDS });
      await this.driver.submit({ key, spec, token });
      this.logger.info({ computeJobId: job.id, attempt: attempt.number, driver: this.driver.name }, 'attempt started');
    } catch (error) {
      this.logger.error({ err: error, computeJobId: job.id, attempt: attempt.number }, 'the driver refused an attempt');
      await this.database.transaction(scope, (tx) => this.giveUp(tx, job.id, error as Error));
    }
  }

  /** From here on this attempt is the job's only one: its number is the fencing token. */
  private async begin(tx: Transaction, jobId: string, resume: ResumePoint | null): Promise<StartedAttempt | null> {
    const job = await lockJob(tx, jobId);
    if (job.state !== 'queued') return null;
    const now = this.clock.now();
    const number = job.attempts + 1;
    const token = randomBytes(32).toString('base64url');
    const attempt = newAttempt(job, { number, resume, now, driver: this.driver.name });
    await insertAttempt(tx, attempt, createHash('sha256').update(token).digest('hex'));
    const changed = await changeJob(tx, job, { state: 'starting', attempts: number });
    await appendHistory(tx, job.id, now, {
      events: [
        {
          attempt: number,
          type: 'state',
          message: `Attempt ${number} is being started.`,
          data: { state: 'starting', ...(resume && { resumeStep: resume.step }) },
        },
      ],
    });
    return { job: changed, attempt, token };
  }

  private async giveUp(tx: Transaction, jobId: string, error: Error): Promise<void> {
    const job = await lockJob(tx, jobId);
    const attempt = await findLiveAttempt(tx, jobId);
    if (!attempt) return;
    const fenceError = attemptError('not_started', error.message.slice(0, 300));
    await concludeAttempt(tx, job, { ...attempt, fenceError }, { exit: { how: 'lost' }, now: this.clock.now() });
  }

  /**
   * The newest whole checkpoint that an earlier attempt told of. Only what was told counts, though more may be stored: by
   * then all metrics of the steps before it have arrived, and none is missing from the curve or the bill.
   */
  private async resumePoint(queued: QueuedJob): Promise<ResumePoint | null> {
    const { job, checkpoints } = await this.database.read(scopeOf(queued), async (tx) => ({
      job: await getJob(tx, queued.id),
      checkpoints: await findCheckpoints(tx, queued.id),
    }));
    for (const checkpoint of checkpoints) {
      if (checkpoint.state === 'broken') continue;
      const keyPrefix = folderPrefix(job, checkpoint.attempt, checkpoint.folder);
      const problem = await this.verifier.problemOf(keyPrefix, checkpoint.folder);
      if (!problem) return resumeFrom(checkpoint, keyPrefix);
      this.logger.warn({ computeJobId: job.id, step: checkpoint.step, problem }, 'a checkpoint is not whole');
    }
    return null;
  }
}

function resumeFrom({ attempt, step, folder }: ComputeCheckpoint, keyPrefix: string): ResumePoint {
  return { attempt, step, files: folder.manifest.files.map((file) => ({ ...file, key: keyPrefix + file.path })) };
}
