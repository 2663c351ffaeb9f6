import { defineStates } from '#libs/kernel';

export const FINE_TUNE_STATES = [
  'validating_files',
  'queued',
  'running',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type FineTuneState = (typeof FINE_TUNE_STATES)[number];

/** OpenAI's words. A paused job goes back through the queue. */
export const fineTuneJobStates = defineStates<FineTuneState>('fine-tune job', {
  initial: 'validating_files',
  terminal: ['succeeded', 'failed', 'cancelled'],
  transitions: {
    validating_files: ['queued', 'failed', 'cancelled'],
    queued: ['running', 'paused', 'succeeded', 'failed', 'cancelled'],
    // A worker that was away may see a job only when it has ended or is waiting for its next attempt.
    running: ['queued', 'paused', 'succeeded', 'failed', 'cancelled'],
    paused: ['queued', 'failed', 'cancelled'],
    succeeded: [],
    failed: [],
    cancelled: [],
  },
});
