import { TRAINER_EXIT_CODES } from '#libs/messages';
import type { AttemptExit, AttemptOutcome, ComputeAttempt, ComputeJob, FenceError } from '../compute-job.js';

/** What becomes of a job whose attempt is gone. `requeue` is not the job's fault and counts for nothing; `retry` counts. */
export type Next = 'verify' | 'requeue' | 'retry' | 'pause' | 'cancel' | 'fail';

export interface Verdict {
  outcome: AttemptOutcome;
  next: Next;
  error?: FenceError;
}

type JobFacts = Pick<ComputeJob, 'state' | 'attempts' | 'failures' | 'maxAttempts'>;
type AttemptFacts = Pick<ComputeAttempt, 'reported' | 'fenceError' | 'stopRequestedAt'>;

/** Bounds a job that is stopped and started again for ever. */
const LARGEST_ATTEMPT_NUMBER = 100;

/** Why we cut attempts off, or what we make of an end without a word. */
export const ATTEMPT_ERRORS = {
  lease_expired: {
    message: 'The process was there but silent for too long, and was ended.',
    fix: 'Another attempt goes on from the newest checkpoint.',
    retryable: true,
  },
  memory_limit: {
    message: 'The process used more memory than the job may.',
    fix: 'Use a smaller batch or shorter rows.',
    retryable: false,
  },
  wall_limit: {
    message: 'The attempt ran for longer than the job may.',
    fix: 'Train on fewer tokens, or split the work.',
    retryable: false,
  },
  stop_overdue: {
    message: 'The process did not save and stop in time, and was ended.',
    fix: 'Work since the newest checkpoint is done again.',
    retryable: true,
  },
  lost: {
    message: 'The process disappeared: its machine restarted, or it was killed together with what watched it.',
    fix: 'Another attempt goes on from the newest checkpoint.',
    retryable: true,
  },
  killed: {
    message: 'The process was killed by a signal.',
    fix: 'Another attempt goes on from the newest checkpoint. If it happens again, the machine may be short of memory.',
    retryable: true,
  },
  crashed: {
    message: 'The process ended with an error.',
    fix: 'The end of the attempt’s log says more.',
    retryable: true,
  },
  result_not_reported: {
    message: 'The process ended as if all were done, but its last report never arrived.',
    fix: 'Another attempt goes on from the newest checkpoint.',
    retryable: true,
  },
  output_incomplete: {
    message: 'What was to be the result is not whole in the object store.',
    fix: 'Another attempt writes it anew.',
    retryable: true,
  },
  not_started: {
    message: 'The process could not be started.',
    fix: 'Another attempt follows. The worker’s log says what stood in the way.',
    retryable: true,
  },
  bad_spec: {
    message: 'The trainer refused what it was told to do: its version differs from ours.',
    fix: 'Install the trainer that belongs to this platform.',
    retryable: false,
  },
} as const satisfies Record<string, Omit<FenceError, 'code'>>;

export type AttemptErrorCode = keyof typeof ATTEMPT_ERRORS;

export function attemptError(code: AttemptErrorCode, detail?: string): FenceError {
  const { message, ...rest } = ATTEMPT_ERRORS[code];
  return { code, message: detail ? `${message} (${detail})` : message, ...rest };
}

/** What the end of an attempt's process means. Wishes of people come first, then our own limits, then its word, then its exit. */
export function judge(job: JobFacts, attempt: AttemptFacts, exit: AttemptExit): Verdict {
  if (job.state === 'cancelling') return { outcome: 'cancelled', next: 'cancel' };
  if (attempt.fenceError) return cutOff(job, attempt.fenceError);
  const { reported } = attempt;
  if (!reported) return judgeSilentEnd(job, attempt, exit);
  switch (reported.outcome) {
    case 'succeeded':
    case 'invalid':
      if (reported.folder) return { outcome: reported.outcome, next: 'verify' };
      return failure(job, 'failed', attemptError('output_incomplete', 'no folder was named'));
    case 'failed':
      return failure(job, 'failed', reported.error ?? attemptError('crashed'));
    case 'stopped':
      return stopped(job);
  }
}

function cutOff(job: JobFacts, error: FenceError): Verdict {
  // We stopped it, not to pause the job but to end the platform.
  if (error.code === 'stop_overdue' && job.state !== 'pausing') return { ...stopped(job), error };
  return failure(job, error.code === 'lease_expired' ? 'lost' : 'failed', error);
}

/** The same for a result that was reported and can't be read back. */
export function verifyFailure(job: JobFacts, error: FenceError): Verdict {
  return failure(job, 'failed', error);
}

function judgeSilentEnd(job: JobFacts, attempt: AttemptFacts, exit: AttemptExit): Verdict {
  if (exit.how === 'lost') return failure(job, 'lost', attemptError('lost'));
  if (exit.how === 'signalled') {
    // Asked to stop before it could listen.
    if (attempt.stopRequestedAt && exit.signal === 'SIGTERM') return stopped(job);
    return failure(job, 'failed', attemptError('killed', exit.signal));
  }
  switch (exit.code) {
    case TRAINER_EXIT_CODES.resumable:
      return stopped(job);
    case TRAINER_EXIT_CODES.bad_spec:
      return failure(job, 'failed', attemptError('bad_spec'));
    case TRAINER_EXIT_CODES.fenced:
      return failure(job, 'lost', attemptError('lost', 'it believed that another attempt has the job'));
    case TRAINER_EXIT_CODES.done:
    case TRAINER_EXIT_CODES.data_error:
      return failure(job, 'failed', attemptError('result_not_reported'));
    default:
      return failure(job, 'failed', attemptError('crashed', `exit code ${exit.code}`));
  }
}

function stopped(job: JobFacts): Verdict {
  if (job.state === 'pausing') return { outcome: 'stopped', next: 'pause' };
  if (job.attempts >= LARGEST_ATTEMPT_NUMBER)
    return failure(job, 'stopped', attemptError('crashed', 'stopped too often'));
  return { outcome: 'stopped', next: 'requeue' };
}

function failure(job: JobFacts, outcome: 'failed' | 'lost' | 'stopped', error: FenceError): Verdict {
  if (!error.retryable || job.attempts >= LARGEST_ATTEMPT_NUMBER) return { outcome, next: 'fail', error };
  if (job.state === 'pausing') return { outcome, next: 'pause', error };
  return { outcome, next: job.failures + 1 < job.maxAttempts ? 'retry' : 'fail', error };
}

const FIRST_BACKOFF_MILLISECONDS = 1000;
const LARGEST_BACKOFF_MILLISECONDS = 120_000;

/** After the first failure at once, then ever later. */
export function retryDelay(failures: number): number {
  return failures <= 1 ? 0 : Math.min(FIRST_BACKOFF_MILLISECONDS * 2 ** failures, LARGEST_BACKOFF_MILLISECONDS);
}
