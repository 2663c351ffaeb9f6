import type { EvaluationMetric } from '#libs/messages';

/** How two runs of one suite differ, example by example. */
export interface Comparison {
  examples: number;
  /** Examples on which the candidate is better, worse, equal. */
  wins: number;
  losses: number;
  ties: number;
  /** Mean over examples of candidate minus baseline, in the metric's own unit. */
  meanDifference: number;
  /** Of the mean difference: the examples are paired, so what both find hard cancels out. */
  standardError: number;
  /** Two-sided sign test: how likely a split of wins and losses at least as uneven is, were both equally good. */
  signTestP: number;
}

/** Exact match and contains are shares that were right; a loss is better when it is lower. */
export function higherIsBetter(metric: EvaluationMetric): boolean {
  return metric !== 'loss';
}

/**
 * P(at least as uneven | fair coin) over `wins + losses` tosses, exact. Binomial terms are summed by their logarithms, so
 * that thousands of examples neither overflow nor vanish.
 */
export function signTest(wins: number, losses: number): number {
  const tosses = wins + losses;
  const fewer = Math.min(wins, losses);
  let logTerm = -tosses * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let successes = 1; successes <= fewer; successes++) {
    logTerm += Math.log(tosses - successes + 1) - Math.log(successes);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
