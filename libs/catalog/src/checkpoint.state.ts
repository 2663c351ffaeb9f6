import { defineStates } from '#libs/kernel';

export type CheckpointStatus = 'draft' | 'verifying' | 'published' | 'retired';

/** What was published stays as it is; retiring ends new uses of it, not what exists. */
export const checkpointStates = defineStates<CheckpointStatus>('checkpoint', {
  initial: 'draft',
  terminal: ['retired'],
  transitions: {
    draft: ['verifying'],
    // Bytes that are missing or differ send it back, for them to be uploaded again.
    verifying: ['published', 'draft'],
    published: ['retired'],
    retired: [],
  },
});
