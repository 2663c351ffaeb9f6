import { formatMeasure, formatPercent } from '../format';
import type { Metric } from './documents';

interface MetricWords {
  name: string;
  /** What it asks of an answer, for who chooses one. */
  help: string;
}

export const METRICS: Readonly<Record<Metric, MetricWords>> = {
  EXACT_MATCH: {
    name: 'Exact match',
    help: 'The answer is the expected one, letter for letter. For code, names and figures.',
  },
  CONTAINS: {
    name: 'Contains',
    help: 'The expected text stands somewhere in the answer. For answers that may say more around it.',
  },
  LOSS: {
    name: 'Loss',
    help: 'How surprising the expected answer is to the model, in nats per token; less is better. Nothing is written, so it tells small steps apart.',
  },
};

const UNIT_OF_LOSS = 'nats per token';

/** Whether an example is right or wrong, and not more or less surprising. */
export function isJudged(metric: Metric): boolean {
  return metric !== 'LOSS';
}

/** 62.5% right, 1.284 nats per token. */
export function formatScore(metric: Metric, score: number): string {
  return isJudged(metric) ? `${formatPercent(score, 1)} right` : `${formatMeasure(score)} ${UNIT_OF_LOSS}`;
}

/** ± 4.9 points: of percent, so that nobody takes it for a share of the score. */
export function formatStandardError(metric: Metric, standardError: number): string {
  return isJudged(metric) ? `± ${points(standardError)}` : `± ${formatMeasure(standardError, 2)}`;
}

/** +12.5 points, −0.21 nats per token. */
export function formatDifference(metric: Metric, difference: number): string {
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : '';
  const size = Math.abs(difference);
  return `${sign}${isJudged(metric) ? points(size) : `${formatMeasure(size)} ${UNIT_OF_LOSS}`}`;
}

/** Positive where it became better, negative where worse. */
export function gainOf(metric: Metric, difference: number): number {
  return isJudged(metric) ? difference : -difference;
}

function points(fraction: number): string {
  const text = (fraction * 100).toLocaleString(undefined, { maximumFractionDigits: 1 });
  return `${text} ${text === '1' ? 'point' : 'points'}`;
}
