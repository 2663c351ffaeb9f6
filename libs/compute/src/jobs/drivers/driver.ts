import type { JobSpec } from '#libs/messages';
import type { AttemptExit } from '../../compute-job.js';

export interface AttemptSubmission {
  key: string;
  spec: JobSpec;
  /** Goes to the process alone, in its environment; kept nowhere else. */
  token: string;
}

export type Observation =
  /** The driver has not heard of it. */
  | { phase: 'absent' }
  /** Accepted, not begun: a cluster's own queue. */
  | { phase: 'waiting' }
  | { phase: 'running'; residentBytes: number }
  /** Nothing of it runs any more. */
  | { phase: 'gone'; exit: AttemptExit };

/**
 * Where attempts run. A driver keeps no truth: everything is asked of the place itself by the attempt's key, so it does
 * not matter which process asks, or whether the one that submitted is still alive.
 */
export interface Driver {
  readonly name: string;
  /** Attempts that may be in its hands at a time: a shallow window in front of what places them. */
  readonly slots: number;
  /** Starts an attempt. Submitting a key again changes nothing. */
  submit(submission: AttemptSubmission): Promise<void>;
  observe(keys: readonly string[]): Promise<Map<string, Observation>>;
  /** `stop` asks it to save and end; `kill` ends it with everything it started. Neither waits. */
  cancel(key: string, how: 'stop' | 'kill'): Promise<void>;
  /** What it printed, from a byte on; empty when there is nothing (yet). */
  logs(key: string, offset: number, limitBytes: number): Promise<Buffer>;
  /** Every key that the place still knows, whoever submitted it. */
  keys(): Promise<string[]>;
  /** Clears away what is left of an attempt that is gone. */
  forget(key: string): Promise<void>;
}

export const DRIVER = Symbol('ComputeDriver');

export interface AttemptName {
  jobId: string;
  number: number;
}

/** Names an attempt wherever it runs: as a folder, a job name, a label. */
export const attemptKey = ({ jobId, number }: AttemptName): string => `${jobId}.${number}`;
