import type { Removal } from '#libs/contracts';
import type { EvaluationMetric, SuiteRow } from '#libs/messages';
import { EVALUATION_ERRORS } from './evaluations.errors.js';

export type SuiteStatus = 'building' | 'ready' | 'invalid';

/** The rows that preparation sets apart by fraction and seed, or the others. */
export interface SuiteSplit {
  part: 'train' | 'validation';
  fraction: number;
  seed: number;
}

export type SuiteSource =
  | { type: 'rows'; rows: SuiteRow[] }
  | { type: 'dataset_version'; versionId: string; split: SuiteSplit | null; rowLimit: number | null };

export interface SuiteProblem {
  code: string;
  message: string;
}

/** What is measured: prompts with expected answers, and how an answer is judged. Immutable. */
export interface EvaluationSuite {
  id: string;
  projectId: string;
  name: string;
  description: string;
  metric: EvaluationMetric;
  maxNewTokens: number;
  source: SuiteSource;
  status: SuiteStatus;
  problem: SuiteProblem | null;
  /** JSONL of SuiteRow. */
  objectKey: string;
  rowCount: number | null;
  bytes: number | null;
  sha256: string | null;
  createdAt: Date;
  createdBy: string;
  /** Where a clause of a contract removed its rows. */
  removal: Removal | null;
}

export const SUITE_LIMITS = {
  rows: 10_000,
  bytes: 64 * 1024 ** 2,
  /** Of rows that come with the request. */
  givenRows: 1000,
  /** Of one line of a dataset version. */
  lineBytes: 1024 ** 2,
} as const;

export function suiteKey(organizationId: string, suiteId: string): string {
  return `org/${organizationId}/evaluations/${suiteId}/rows.jsonl`;
}

export function assertSuiteName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length < 1 || trimmed.length > 200) throw EVALUATION_ERRORS.SUITE_NAME_INVALID({ path: ['name'] });
  return trimmed;
}

export function assertSplit(split: SuiteSplit): void {
  const { fraction, seed } = split;
  if (!(fraction > 0 && fraction <= 0.5) || !Number.isSafeInteger(seed) || seed < 0) {
    throw EVALUATION_ERRORS.SUITE_SPLIT_INVALID({ path: ['source', 'split'] });
  }
}
