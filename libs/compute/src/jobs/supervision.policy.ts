import type { AttemptExit } from '../compute-job.js';
import type { AttemptErrorCode } from './attempt.policy.js';
import type { ComputeJobsSettings } from './compute-jobs.settings.js';
import type { Observation } from './drivers/driver.js';
import type { WatchedAttempt } from './work-list.js';

/** What is to be done about an attempt now. */
export type Measure =
  | { do: 'nothing' }
  /** It is gone: move its job on. */
  | { do: 'conclude'; exit: AttemptExit }
  /** It is over and gone: archive its log and clear away what it left. */
  | { do: 'release' }
  | { do: 'stop' }
  | { do: 'kill' }
  /** Cut it off, then kill it. */
  | { do: 'fence'; code: AttemptErrorCode };

type AttemptFacts = Pick<
  WatchedAttempt,
  'state' | 'jobState' | 'limits' | 'createdAt' | 'startedAt' | 'leaseExpiresAt' | 'signalledAt' | 'reportedAt'
>;

/** Between the row of an attempt and the driver's word of it. */
const SUBMISSION_SECONDS = 15;
/** From the last report to the end of the process. */
const EXIT_GRACE_SECONDS = 30;

export function measureFor(
  attempt: AttemptFacts,
  observation: Observation,
  now: Date,
  settings: Pick<ComputeJobsSettings, 'stopGraceSeconds' | 'cancelGraceSeconds'>,
): Measure {
  const secondsSince = (instant: Date) => (now.getTime() - instant.getTime()) / 1000;
  const over = attempt.state === 'ended';
  if (observation.phase === 'gone') return over ? { do: 'release' } : { do: 'conclude', exit: observation.exit };
  if (observation.phase === 'absent') {
    if (over) return { do: 'release' };
    const mayStillCome = secondsSince(attempt.createdAt) < SUBMISSION_SECONDS;
    return mayStillCome ? { do: 'nothing' } : { do: 'conclude', exit: { how: 'lost' } };
  }
  if (over || attempt.state === 'fenced') return { do: 'kill' };
  if (attempt.reportedAt && secondsSince(attempt.reportedAt) > EXIT_GRACE_SECONDS) return { do: 'kill' };
  if (attempt.state === 'stopping') {
    if (!attempt.signalledAt) return { do: 'stop' };
    const grace = attempt.jobState === 'cancelling' ? settings.cancelGraceSeconds : settings.stopGraceSeconds;
    return secondsSince(attempt.signalledAt) > grace ? { do: 'fence', code: 'stop_overdue' } : { do: 'nothing' };
  }
  if (observation.phase === 'waiting') return { do: 'nothing' };
  return limitMeasure(attempt, observation.residentBytes, now);
}

function limitMeasure(attempt: AttemptFacts, residentBytes: number, now: Date): Measure {
  const { memory_bytes: memoryBytes, wall_seconds: wallSeconds } = attempt.limits;
  if (residentBytes > memoryBytes) return { do: 'fence', code: 'memory_limit' };
  const begun = attempt.startedAt ?? attempt.createdAt;
  if (now.getTime() - begun.getTime() > wallSeconds * 1000) return { do: 'fence', code: 'wall_limit' };
  if (now > attempt.leaseExpiresAt && !attempt.reportedAt) return { do: 'fence', code: 'lease_expired' };
  return { do: 'nothing' };
}
