import { defineStates } from '#libs/kernel';

export type EngineState = 'desired' | 'starting' | 'ready' | 'draining' | 'stopped' | 'failed';

/** An engine that failed stays failed: its successor is another row, begun after a pause that grows with each failure. */
export const engineStates = defineStates<EngineState>('serving engine', {
  initial: 'desired',
  terminal: ['stopped', 'failed'],
  transitions: {
    /** Its checkpoint's files are being fetched. */
    desired: ['starting', 'stopped', 'failed'],
    starting: ['ready', 'draining', 'stopped', 'failed'],
    ready: ['draining', 'stopped', 'failed'],
    /** Gets no new requests, finishes those it has; wanted again before that is done, it goes on. */
    draining: ['ready', 'stopped', 'failed'],
    stopped: [],
    failed: [],
  },
});

export type EngineAdapterState = 'loading' | 'ready' | 'draining' | 'failed' | 'unloaded';

/** A LoRA adapter on an engine. `unloaded` has no row. */
export const engineAdapterStates = defineStates<EngineAdapterState>('adapter on an engine', {
  initial: 'loading',
  terminal: ['unloaded'],
  transitions: {
    loading: ['ready', 'failed', 'unloaded'],
    ready: ['draining', 'unloaded'],
    draining: ['ready', 'unloaded'],
    failed: ['loading', 'unloaded'],
    unloaded: [],
  },
});
