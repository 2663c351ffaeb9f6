import type { PreparationReport, SftLora } from '#libs/messages';

export interface TrainingPlan {
  steps: number;
  /** Tokens that training will read: what is billed at most. */
  tokens: number;
  estimatedSeconds: number;
}

/** Start-up of the trainer: importing torch, transformers and TRL, loading the checkpoint, storing the result. */
export const OVERHEAD_SECONDS = 10;

/**
 * What training on a prepared file will take. Tokens are an upper bound: an epoch reads every token once, and a last partial epoch or a
 * step limit reads no more than its share of the steps, rounded up to whole epochs for the rows a shuffled order may put first.
 */
export function planTraining(
  counts: { rows: PreparationReport['rows']; tokens: PreparationReport['tokens'] },
  method: SftLora,
  tokensPerSecond: number,
): TrainingPlan {
  const rowsPerStep = method.batch_size * method.gradient_accumulation;
  const stepsPerEpoch = Math.ceil(counts.rows.train / rowsPerStep);
  const allSteps = Math.ceil(stepsPerEpoch * method.n_epochs);
  const steps = Math.min(allSteps, method.max_steps ?? allSteps);
  const epochs = Math.min(Math.ceil(steps / stepsPerEpoch), Math.ceil(method.n_epochs));
  const longest = Math.min(counts.tokens.longest_row, Number.MAX_SAFE_INTEGER);
  const tokens = Math.min(epochs * counts.tokens.train, steps * rowsPerStep * longest);
  return { steps, tokens, estimatedSeconds: OVERHEAD_SECONDS + Math.round(tokens / tokensPerSecond) };
}
