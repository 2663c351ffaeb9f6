import type { ComputeOutcome } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { changeAttempt, changeJob, markCheckpoint } from '../compute.repository.js';
import type { AttemptExit, ComputeAttempt, ComputeJob, FenceError } from '../compute-job.js';
import { appendHistory, errorText } from '../journal.js';
import { verificationKey } from '../verification-key.js';
import { judge, retryDelay, type Verdict } from './attempt.policy.js';

/** Ends a live attempt of a locked job, whose process is gone, and moves the job on. */
export async function concludeAttempt(
  tx: Transaction,
  job: ComputeJob,
  attempt: ComputeAttempt,
  { exit, now }: { exit: AttemptExit; now: Date },
): Promise<Verdict> {
  const verdict = judge(job, attempt, exit);
  const error = verdict.error ? withoutRetryable(verdict.error) : null;
  await changeAttempt(tx, attempt, { state: 'ended', outcome: verdict.outcome, exit, error, endedAt: now });
  // The next attempt takes an older one.
  if (error?.code === 'resume_unusable' && attempt.resume) await markCheckpoint(tx, job.id, attempt.resume, 'broken');
  await moveOn(tx, job, { verdict, attempt: attempt.number, now });
  return verdict;
}

/** Where the verdict leads. */
export async function moveOn(
  tx: Transaction,
  job: ComputeJob,
  { verdict: { next, error }, attempt, now }: { verdict: Verdict; attempt: number; now: Date },
): Promise<void> {
  switch (next) {
    case 'verify':
      await changeJob(tx, job, { state: 'verifying' });
      tx.publish({
        type: 'compute.output.verify',
        key: verificationKey(job.id),
        payload: { computeJobId: job.id, attempt },
      });
      return tell(tx, job, { attempt, now, state: 'verifying', message: 'The result is being verified.' });
    case 'requeue':
    case 'retry': {
      const failures = job.failures + (next === 'retry' ? 1 : 0);
      const availableAt = new Date(now.getTime() + (next === 'retry' ? retryDelay(failures) : 0));
      await changeJob(tx, job, { state: 'queued', failures, availableAt });
      tx.publish({ type: 'compute.wanted', payload: { what: 'dispatch' } });
      const why = error ? errorText(error) : 'It was stopped and saved its state.';
      const message = `Attempt ${attempt} is over, another follows. ${why}`;
      return tell(tx, job, { attempt, now, state: 'queued', message, level: error ? 'warn' : 'info' });
    }
    case 'pause':
      return endJob(tx, job, { attempt, now, outcome: 'paused', message: 'The job is paused.' });
    case 'cancel':
      return endJob(tx, job, { attempt, now, outcome: 'cancelled', message: 'The job was cancelled.' });
    case 'fail':
      return endJob(tx, job, { attempt, now, outcome: 'failed', message: 'The job failed.', error });
  }
}

export interface JobEnd {
  attempt: number;
  now: Date;
  outcome: ComputeOutcome;
  message: string;
  error?: FenceError;
  output?: ComputeJob['output'];
}

/** Nothing of the job runs any more: its owner is told. */
export async function endJob(tx: Transaction, job: ComputeJob, end: JobEnd): Promise<void> {
  const { outcome, now, output } = end;
  const error = end.error ? withoutRetryable(end.error) : null;
  await changeJob(tx, job, {
    state: outcome,
    error,
    ...(output && { output }),
    ...(outcome !== 'paused' && { endedAt: now }),
  });
  const { id: computeJobId, kind, ownerId } = job;
  tx.publish({
    type: 'compute.job.ended',
    key: job.id,
    payload: { computeJobId, kind, ownerId, outcome, ...(output && { output }), ...(error && { error }) },
  });
  const level = outcome === 'failed' || outcome === 'invalid' ? 'error' : 'info';
  const message = error ? `${end.message} ${errorText(error)}` : end.message;
  await tell(tx, job, { attempt: end.attempt, now, state: outcome, message, level });
}

async function tell(
  tx: Transaction,
  job: ComputeJob,
  event: { attempt: number; now: Date; state: string; message: string; level?: 'info' | 'warn' | 'error' },
): Promise<void> {
  const { attempt, now, state, message, level = 'info' } = event;
  await appendHistory(tx, job.id, now, { events: [{ attempt, type: 'state', level, message, data: { state } }] });
}

function withoutRetryable({ code, message, fix }: FenceError): Omit<FenceError, 'retryable'> {
  return { code, message, fix };
}
