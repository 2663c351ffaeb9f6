import { defineErrors } from '#libs/kernel';

export const EVALUATION_ERRORS = defineErrors('evaluations', {
  SUITE_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No evaluation suite ${p.id} that you may see.`,
  },
  SUITE_NAME_INVALID: { status: 400, message: 'A suite name has 1 to 200 characters.' },
  SUITE_NAME_TAKEN: {
    status: 409,
    message: (p: { name: string }) =>
      `The project has a suite named ${p.name} already. Suites are immutable: choose another name for other rows.`,
  },
  SUITE_SOURCE_INVALID: {
    status: 400,
    message: 'Give the rows, or the dataset version to take them from: one of the two.',
  },
  SUITE_SPLIT_INVALID: {
    status: 400,
    message:
      'A split has a fraction above 0 and up to 0.5 and a seed of at least 0: those of the policy that the data was prepared with.',
  },
  SUITE_ROW_INVALID: {
    status: 400,
    message: (p: { line: number; problem: string }) => `Row ${p.line}: ${p.problem}`,
  },
  SUITE_EMPTY: { status: 400, message: 'The suite has no rows: give at least one, or choose another split.' },
  SUITE_TOO_LARGE: {
    status: 400,
    message: (p: { rows: number; bytes: number }) =>
      `A suite has at most ${p.rows} rows and ${p.bytes} bytes: set rowLimit, or take fewer rows.`,
  },
  SUITE_NOT_READY: {
    status: 409,
    retryable: true,
    message: 'The suite is still being built: ask again in a few seconds.',
  },
  SUITE_UNUSABLE: {
    status: 400,
    message: (p: { problem: string }) => `The suite can't be run: ${p.problem}`,
  },
  EVALUATION_RUN_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No evaluation run ${p.id} that you may see.`,
  },
  EVALUATION_RUNS_NOT_COMPARABLE: {
    status: 400,
    message: 'Two runs can be compared once both have succeeded, on the same suite: run the suite on both checkpoints.',
  },
});
