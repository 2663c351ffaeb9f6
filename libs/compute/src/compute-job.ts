import type { z } from 'zod';
import type {
  ComputeError,
  ComputeKind,
  ComputeOutput,
  InputName,
  JobLimits,
  JobWork,
  ProgressEvent,
  StoredFolder,
  TrainerFile,
  TrainerReport,
} from '#libs/messages';
import type { AttemptState } from './attempt.state.js';
import type { ComputeJobState } from './compute-job.state.js';

/** A file that an attempt reads, and where it lies in the object store. */
export interface InputFile extends TrainerFile {
  key: string;
}

export interface ComputeInput {
  name: z.infer<typeof InputName>;
  files: InputFile[];
}

export interface ComputeProgress {
  stage: z.infer<typeof ProgressEvent>['stage'];
  /** Bytes, examples or optimizer steps, by stage. */
  step: number;
  totalSteps: number;
  /** Read so far by the job. */
  tokens: number;
  /** When it was told, what its trainer had left to do; null until there is a pace to tell from. */
  secondsLeft: number | null;
  /** By the platform's clock, ISO 8601. */
  toldAt: string;
}

export interface ComputeJob {
  id: string;
  organizationId: string;
  organizationKind: 'lab' | 'partner';
  projectId: string;
  kind: ComputeKind;
  ownerId: string;
  state: ComputeJobState;
  parameters: JobWork['parameters'];
  inputs: ComputeInput[];
  /** Attempt n writes under `<outputPrefix>attempts/<n>/`. */
  outputPrefix: string;
  limits: JobLimits;
  maxAttempts: number;
  /** Number of the newest attempt: the fencing token. 0 before the first. */
  attempts: number;
  /** Attempts that count against maxAttempts: a stop on request does not. */
  failures: number;
  progress: ComputeProgress | null;
  report: TrainerReport | null;
  output: ComputeOutput | null;
  error: ComputeError | null;
  createdAt: Date;
  queuedAt: Date;
  availableAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
}

export type AttemptOutcome = 'succeeded' | 'invalid' | 'failed' | 'stopped' | 'lost' | 'cancelled';

/** How a process ended, as far as anyone can tell. */
export type AttemptExit =
  | { how: 'exited'; code: number }
  | { how: 'signalled'; signal: string }
  /** It was there and is gone, and nobody saw how. */
  | { how: 'lost' };

/** What the trainer said last. */
export interface ReportedEnd {
  outcome: 'succeeded' | 'invalid' | 'failed' | 'stopped';
  folder?: StoredFolder;
  error?: ComputeError & { retryable: boolean };
}

/** Why we cut an attempt off. */
export interface FenceError extends ComputeError {
  retryable: boolean;
}

/** The checkpoint an attempt begins with. */
export interface ResumePoint {
  attempt: number;
  step: number;
  files: InputFile[];
}

export interface ComputeAttempt {
  id: string;
  organizationId: string;
  projectId: string;
  computeJobId: string;
  number: number;
  state: AttemptState;
  driver: string;
  resume: ResumePoint | null;
  lastEventNumber: number;
  leaseExpiresAt: Date;
  reported: ReportedEnd | null;
  reportedAt: Date | null;
  stopRequestedAt: Date | null;
  signalledAt: Date | null;
  fencedAt: Date | null;
  fenceError: FenceError | null;
  outcome: AttemptOutcome | null;
  exit: AttemptExit | null;
  error: ComputeError | null;
  logBytes: number;
  logKey: string | null;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  releasedAt: Date | null;
}

export interface ComputeCheckpoint {
  attempt: number;
  step: number;
  folder: StoredFolder;
  state: 'reported' | 'whole' | 'broken';
}

export const attemptPrefix = (job: Pick<ComputeJob, 'outputPrefix'>, attempt: number): string =>
  `${job.outputPrefix}attempts/${attempt}/`;

export const folderPrefix = (job: Pick<ComputeJob, 'outputPrefix'>, attempt: number, folder: StoredFolder): string =>
  `${attemptPrefix(job, attempt)}${folder.prefix}/`;
