import { defineStates } from '#libs/kernel';

export type UploadState = 'open' | 'verifying' | 'completed' | 'rejected' | 'aborted' | 'expired';

export const uploadStates = defineStates<UploadState>('upload', {
  initial: 'open',
  terminal: ['completed', 'rejected', 'aborted', 'expired'],
  transitions: {
    // A stream is hashed while it passes through, so it needs no verification of its own.
    open: ['verifying', 'completed', 'rejected', 'aborted', 'expired'],
    // Back to open when parts are missing: the sender goes on from there.
    verifying: ['completed', 'rejected', 'open'],
    completed: [],
    rejected: [],
    aborted: [],
    expired: [],
  },
});
