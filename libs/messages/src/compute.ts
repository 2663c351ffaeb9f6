import { z } from 'zod';
import { defineMessage } from './define.js';
import { StoredFolder } from './trainer/index.js';

export const ComputeKind = z.enum(['prepare', 'train', 'evaluate']);
export type ComputeKind = z.infer<typeof ComputeKind>;

/** invalid: the data is at fault and the report says where; paused: it can be resumed, so more than one end may follow. */
export const ComputeOutcome = z.enum(['succeeded', 'invalid', 'failed', 'cancelled', 'paused']);
export type ComputeOutcome = z.infer<typeof ComputeOutcome>;

/** Why a job failed. Codes are the trainer's own (TrainerErrorCode) and those of libs/compute (attempt.policy.ts). */
export const ComputeError = z.strictObject({ code: z.string(), message: z.string(), fix: z.string() });
export type ComputeError = z.infer<typeof ComputeError>;

/** A whole folder in the object store: every file of its manifest was read back and has the SHA-256 it says. */
export const ComputeOutput = z.strictObject({
  attempt: z.int().min(1),
  /** Keys of the folder's files begin with this; it ends in a slash. */
  keyPrefix: z.string(),
  folder: StoredFolder,
});
export type ComputeOutput = z.infer<typeof ComputeOutput>;

/** What owners are told of one job comes in the order it came about: all of it is published with the job's id as key. */
const job = { computeJobId: z.string(), kind: ComputeKind, ownerId: z.string() };

export const COMPUTE_MESSAGES = {
  /** There may be room for a queued job, or something to signal or conclude: look now instead of at the next turn. */
  'compute.wanted': defineMessage(1, z.strictObject({ what: z.enum(['dispatch', 'supervise']) })),
  /** An attempt stored an intermediate checkpoint: read it back. */
  'compute.checkpoint.verify': defineMessage(
    1,
    z.strictObject({ computeJobId: z.string(), attempt: z.int().min(1), step: z.int().min(1) }),
  ),
  /** An attempt ended with a result: read it back, then the job has ended. */
  'compute.output.verify': defineMessage(1, z.strictObject({ computeJobId: z.string(), attempt: z.int().min(1) })),
  /** An attempt is at work: the first one, or one that follows another. */
  'compute.job.started': defineMessage(1, z.strictObject({ ...job, attempt: z.int().min(1) })),
  /** A whole intermediate checkpoint is there to be served and resumed from. Once per step, and again if a later attempt wrote the step anew. */
  'compute.checkpoint.saved': defineMessage(1, z.strictObject({ ...job, step: z.int().min(1), output: ComputeOutput })),
  /** Nothing runs any more. `output` comes with succeeded, and with invalid where the trainer wrote a report; `error` with invalid and failed. */
  'compute.job.ended': defineMessage(
    1,
    z.strictObject({
      ...job,
      outcome: ComputeOutcome,
      output: ComputeOutput.optional(),
      error: ComputeError.optional(),
    }),
  ),
} as const;
