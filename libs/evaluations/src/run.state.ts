import { defineStates } from '#libs/kernel';

export type EvaluationRunStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export const evaluationRunStates = defineStates<EvaluationRunStatus>('evaluation run', {
  initial: 'queued',
  terminal: ['succeeded', 'failed', 'cancelled'],
  transitions: {
    queued: ['running', 'succeeded', 'failed', 'cancelled'],
    running: ['succeeded', 'failed', 'cancelled'],
    succeeded: [],
    failed: [],
    cancelled: [],
  },
});
