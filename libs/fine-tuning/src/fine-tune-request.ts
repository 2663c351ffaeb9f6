import { canonicalJson, DomainError, type ErrorPath, sha256Hex } from '#libs/kernel';
import { FINE_TUNING_ERRORS } from './fine-tuning.errors.js';
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

/** OpenAI's limits. */
const METADATA = { pairs: 16, keyCharacters: 64, valueCharacters: 512 } as const;

export function assertMetadata(metadata: unknown): void {
  if (metadata == null) return;
  const isObject = typeof metadata === 'object' && !Array.isArray(metadata);
  const pairs = isObject ? Object.entries(metadata) : [];
  const isWithin = ([key, value]: [string, unknown]) =>
    key.length <= METADATA.keyCharacters && typeof value === 'string' && value.length <= METADATA.valueCharacters;
  if (!isObject || pairs.length > METADATA.pairs || !pairs.every(isWithin))
    throw FINE_TUNING_ERRORS.METADATA_INVALID({ path: ['metadata'] });
}

/** What another domain refuses, said of the field of the request that it is about. */
export async function refusedAt<T>(path: ErrorPath, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof DomainError ? withPath(error, path) : error;
  }
}

export function withPath(error: DomainError, path: ErrorPath): DomainError {
  const { status, details, retryable } = error;
  return new DomainError(error.code, error.message, { path, status, details, retryable, cause: error });
}
