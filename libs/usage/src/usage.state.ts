import { defineStates } from '#libs/kernel';

/**
 * admitted: durable before the first byte left; its counts are what had been delivered when they were last written.
 * settled: ended with exact counts. cut: ended by a crash, billed for the last durable counts. Both are final.
 */
export type UsageState = 'admitted' | 'settled' | 'cut';

export const USAGE_STATES = defineStates<UsageState>('usage event', {
  initial: 'admitted',
  terminal: ['settled', 'cut'],
  transitions: { admitted: ['settled', 'cut'], settled: [], cut: [] },
});

export const USAGE_KINDS = ['inference', 'training', 'evaluation', 'storage'] as const;
export type UsageKind = (typeof USAGE_KINDS)[number];

/** Why a request ended. Only `completed` and the work of jobs went to their natural end. */
export const END_REASONS = [
  'completed',
  /** The engine refused it or failed before anything was delivered: no tokens. */
  'refused',
  /** The caller went away; what had been delivered is billed. */
  'client_disconnected',
  /** The engine failed in mid-answer; what had been delivered is billed. */
  'engine_failed',
  /** The recording process died: the one reason of `cut`. */
  'recorder_lost',
] as const;
export type EndReason = (typeof END_REASONS)[number];
