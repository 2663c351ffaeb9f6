import { defineStates } from '#libs/kernel';

/**
 * An attempt lives until its process is known to be gone. `stopping`: asked to save and stop, still heard.
 * `fenced`: nothing it says or stores counts any more, though its process may still be there.
 */
export const attemptStates = defineStates('attempt', {
  initial: 'starting',
  terminal: ['ended'],
  transitions: {
    starting: ['running', 'stopping', 'fenced', 'ended'],
    running: ['stopping', 'fenced', 'ended'],
    stopping: ['fenced', 'ended'],
    fenced: ['ended'],
    ended: [],
  },
});

export type AttemptState = keyof typeof attemptStates.transitions;
