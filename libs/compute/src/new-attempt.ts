import { newId } from '#libs/kernel';
import { LEASE_SECONDS } from './compute.settings.js';
import type { ComputeAttempt, ComputeJob } from './compute-job.js';

/** An attempt as it is before its process has begun. */
export function newAttempt(
  job: ComputeJob,
  { number, driver, resume, now }: Pick<ComputeAttempt, 'number' | 'driver' | 'resume'> & { now: Date },
): ComputeAttempt {
  return {
    id: newId('att'),
    organizationId: job.organizationId,
    projectId: job.projectId,
    computeJobId: job.id,
    number,
    state: 'starting',
    driver,
    resume,
    lastEventNumber: 0,
    leaseExpiresAt: new Date(now.getTime() + LEASE_SECONDS * 1000),
    reported: null,
    reportedAt: null,
    stopRequestedAt: null,
    signalledAt: null,
    fencedAt: null,
    fenceError: null,
    outcome: null,
    exit: null,
    error: null,
    logBytes: 0,
    logKey: null,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    releasedAt: null,
  };
}
