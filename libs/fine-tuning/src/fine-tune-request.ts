import { canonicalJson, sha256Hex } from '#libs/kernel';
import type { RequestedDataPolicy, RequestedHyperparameters } from './hyperparameters.js';

export interface FineTuneRequest {
  projectId: string;
  /** Id or name of a checkpoint: one of the lab's, or a variant of one's own. */
  model: string;
  trainingFileId: string;
  validationFileId?: string;
  suffix?: string;
  seed?: number;
  hyperparameters?: RequestedHyperparameters;
  dataPolicy?: RequestedDataPolicy;
  metadata?: Record<string, string>;
  /** The job is refused, and never billed, above this. Without it the quoted price is the cap. */
  costCapNanos?: bigint;
}

/** Equal for equal requests, in whatever order their fields were written. */
export function requestSha256(request: FineTuneRequest): string {
  return sha256Hex(canonicalJson(request));
}
