export { AttemptGate } from './attempt-gate.js';
export * from './cluster-time.js';
export { COMPUTE_ERRORS } from './compute.errors.js';
export * from './compute.module.js';
export * from './compute.service.js';
export type {
  AttemptOutcome,
  ComputeAttempt,
  ComputeInput,
  ComputeJob,
  ComputeProgress,
  InputFile,
} from './compute-job.js';
export { type ComputeJobState, computeJobStates } from './compute-job.state.js';
export {
  type ComputeCurve,
  type ComputeCurves,
  type ComputeMetric,
  type CurveRange,
  LARGEST_BUCKETS,
} from './curves.js';
export * from './history.js';
