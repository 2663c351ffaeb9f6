import type { Removal } from '#libs/contracts';
import type { Currency } from '#libs/kernel';
import type { ComputeOutput, EvaluationMetric, EvaluationResult, EvaluationSummary } from '#libs/messages';
import type { EvaluationRunStatus } from './run.state.js';

export interface RunFailure {
  code: string;
  message: string;
}

/** A suite on a checkpoint, base or adapter. */
export interface EvaluationRun {
  id: string;
  projectId: string;
  suiteId: string;
  checkpointId: string;
  /** As the checkpoint was named when the run was asked for. */
  checkpointName: string;
  baseCheckpointId: string;
  familyId: string;
  status: EvaluationRunStatus;
  computeJobId: string | null;
  summary: EvaluationSummary | null;
  output: ComputeOutput | null;
  error: RunFailure | null;
  /** Tokens that are billed. */
  evaluationTokens: number | null;
  /** What they cost at the prices of the time at which the run was accepted. */
  costNanos: bigint | null;
  /** Of the cost. */
  currency: Currency;
  createdAt: Date;
  createdBy: string;
  startedAt: Date | null;
  endedAt: Date | null;
  /** Where a clause of a contract removed its answers. */
  removal: Removal | null;
}

/** One example's result as it is kept in PostgreSQL. */
export interface RunResult {
  example: number;
  prompt: string;
  expected: string;
  output: string | null;
  score: number;
  loss: number;
  expectedTokens: number;
  outputTokens: number;
  cut: boolean;
}

/** Tokens that the model read and wrote for the metric: prompts with its own answers, or with the expected ones for the loss. */
export function billedTokens(
  metric: EvaluationMetric,
  summary: Pick<EvaluationSummary, 'prompt_tokens' | 'output_tokens'>,
  results: ReadonlyArray<Pick<EvaluationResult, 'expected_tokens'>>,
): number {
  if (metric !== 'loss') return summary.prompt_tokens + summary.output_tokens;
  return results.reduce((sum, result) => sum + result.expected_tokens, summary.prompt_tokens);
}

/** PostgreSQL's text can't hold U+0000, which a model may well write; the file of results keeps it. */
export function withoutNull(text: string): string {
  return text.replaceAll('\u0000', '\u2400');
}
