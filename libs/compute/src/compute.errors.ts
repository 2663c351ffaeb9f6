import { defineErrors } from '#libs/kernel';

export const COMPUTE_ERRORS = defineErrors('compute', {
  COMPUTE_JOB_NOT_FOUND: { status: 404, message: ({ id }: { id: string }) => `There is no compute job ${id}.` },
  COMPUTE_JOB_NOT_PAUSED: {
    status: 409,
    message: ({ id, state }: { id: string; state: string }) => `The compute job ${id} is ${state}, not paused.`,
  },
  INVALID_COMPUTE_JOB: {
    status: 400,
    message: ({ problem }: { problem: string }) => `The compute job is not well-formed: ${problem}`,
  },
  INVALID_ATTEMPT_TOKEN: {
    status: 401,
    message: 'This attempt is not known, or the token is not its own.',
  },
  STALE_ATTEMPT: {
    status: 409,
    message: 'Another attempt has the job, or it was cancelled: stop at once and save nothing.',
  },
  INVALID_TRAINER_REQUEST: {
    status: 400,
    message: ({ problem }: { problem: string }) => `The request does not fit the trainer's contract: ${problem}`,
  },
  UNKNOWN_INPUT: {
    status: 404,
    message: ({ input, path }: { input: string; path: string }) =>
      `The job's spec names no file ${path} in input ${input}.`,
  },
  CURVE_RANGE: {
    status: 400,
    message: ({ largest }: { largest: number }) =>
      `A part of a curve ends at or after the step it begins with, and has 1 to ${largest} buckets.`,
  },
  LOG_RANGE: { status: 400, message: 'An offset into a log is a whole number from 0.' },
});
