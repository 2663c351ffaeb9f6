import { defineStates } from '#libs/kernel';

/**
 * A job waits in `queued`, also between two attempts. `pausing` and `cancelling` last until its process is gone;
 * `verifying` until its result has been read back from the object store.
 */
export const computeJobStates = defineStates('compute job', {
  initial: 'queued',
  terminal: ['succeeded', 'invalid', 'failed', 'cancelled'],
  transitions: {
    queued: ['starting', 'paused', 'cancelled'],
    starting: ['running', 'queued', 'pausing', 'cancelling', 'verifying', 'failed'],
    running: ['queued', 'pausing', 'cancelling', 'verifying', 'failed'],
    pausing: ['paused', 'cancelling', 'verifying', 'failed'],
    paused: ['queued', 'cancelled'],
    cancelling: ['cancelled'],
    verifying: ['succeeded', 'invalid', 'failed', 'queued', 'cancelled'],
    succeeded: [],
    invalid: [],
    failed: [],
    cancelled: [],
  },
});

export type ComputeJobState = keyof typeof computeJobStates.transitions;
