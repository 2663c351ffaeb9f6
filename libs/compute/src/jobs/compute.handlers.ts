import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage, Schedules } from '#platform/queue';
import { findAttempt, findCheckpoints, getJob, lockJob, markCheckpoint } from '../compute.repository.js';
import { folderPrefix } from '../compute-job.js';
import { appendHistory } from '../journal.js';
import { attemptError, verifyFailure } from './attempt.policy.js';
import { endJob, moveOn } from './conclusion.js';
import { FolderVerifier } from './folder-verifier.js';

/** Reading back may be impossible for as long as the object store is away: hours, not minutes. */
const VERIFICATION = { concurrency: 2, maxAttempts: 60 };

@Injectable()
export class ComputeHandlers {
  constructor(
    private readonly database: Database,
    private readonly verifier: FolderVerifier,
    private readonly schedules: Schedules,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @HandlesMessage('compute.wanted')
  async wanted({ payload }: Message<'compute.wanted'>): Promise<void> {
    this.schedules.runSoon(`compute.${payload.what}`);
  }

  @HandlesMessage('compute.checkpoint.verify', VERIFICATION)
  async verifyCheckpoint({ payload }: Message<'compute.checkpoint.verify'>, scope: Scope): Promise<void> {
    const { computeJobId, attempt, step } = payload;
    const { job, checkpoint } = await this.database.read(scope, async (tx) => ({
      job: await getJob(tx, computeJobId),
      checkpoint: (await findCheckpoints(tx, computeJobId)).find((row) => row.attempt === attempt && row.step === step),
    }));
    if (checkpoint?.state !== 'reported') return;
    const keyPrefix = folderPrefix(job, attempt, checkpoint.folder);
    const problem = await this.verifier.problemOf(keyPrefix, checkpoint.folder);
    await this.database.transaction(scope, async (tx) => {
      const { id, kind, ownerId } = await lockJob(tx, computeJobId);
      await markCheckpoint(tx, id, payload, problem ? 'broken' : 'whole');
      if (problem) {
        const message = `The checkpoint at step ${step} is not whole and is not used: ${problem}.`;
        const event = { attempt, type: 'checkpoint', level: 'error', message, data: { step } } as const;
        return appendHistory(tx, id, this.clock.now(), { events: [event] });
      }
      const output = { attempt, keyPrefix, folder: checkpoint.folder };
      tx.publish({
        type: 'compute.checkpoint.saved',
        key: id,
        payload: { computeJobId: id, kind, ownerId, step, output },
      });
    });
  }

  @HandlesMessage('compute.output.verify', VERIFICATION)
  async verifyOutput({ payload }: Message<'compute.output.verify'>, scope: Scope): Promise<void> {
    const { computeJobId, attempt: number } = payload;
    const { job, reported } = await this.database.read(scope, async (tx) => ({
      job: await getJob(tx, computeJobId),
      reported: (await findAttempt(tx, computeJobId, number))?.reported,
    }));
    const isCurrent = (candidate: typeof job) => candidate.state === 'verifying' && candidate.attempts === number;
    if (!isCurrent(job) || !reported?.folder) return;
    const { folder, outcome, error } = reported;
    const keyPrefix = folderPrefix(job, number, folder);
    const problem = await this.verifier.problemOf(keyPrefix, folder);
    await this.database.transaction(scope, async (tx) => {
      const locked = await lockJob(tx, computeJobId);
      if (!isCurrent(locked)) return;
      const now = this.clock.now();
      if (problem) {
        const verdict = verifyFailure(locked, attemptError('output_incomplete', problem));
        return moveOn(tx, locked, { verdict, attempt: number, now });
      }
      const output = { attempt: number, keyPrefix, folder };
      const message = outcome === 'invalid' ? 'The data is not valid.' : 'The job succeeded.';
      await endJob(tx, locked, {
        attempt: number,
        now,
        outcome: outcome as 'succeeded' | 'invalid',
        message,
        error,
        output,
      });
    });
  }
}
