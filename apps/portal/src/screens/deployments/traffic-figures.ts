import type { Series } from '../../charts';
import { formatDuration } from '../../format';
import type { Figures } from './documents';

export interface Bucket {
  from: string;
  traffic: Figures;
}

/** Calls that did not get their answer for a reason of the platform's; a caller who goes away is none. */
export function errorsOf({ refused, engineFailed, recorderLost }: Figures): number {
  return refused + engineFailed + recorderLost;
}

/** What of the prompts the engine had in its cache, null where there were none. */
export function cachedShareOf({ inputTokens, cachedInputTokens }: Figures): number | null {
  return inputTokens === '0' ? null : Number(cachedInputTokens) / Number(inputTokens);
}

/** 85 ms, 1.3 s, 2 min 5 s: as many digits as matter. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 60
    ? `${seconds.toLocaleString(undefined, { maximumFractionDigits: 1 })} s`
    : formatDuration(seconds);
}

/** Of a curve that stands behind the others. */
const DASHES = [6, 4];

type Curve = Pick<Series, 'id' | 'label' | 'color' | 'dash'> & { value: (traffic: Figures) => number | null };

export interface TrafficChart {
  id: string;
  label: string;
  curves: readonly Curve[];
}

export const REQUESTS: TrafficChart = {
  id: 'requests',
  label: 'Calls',
  curves: [
    { id: 'requests', label: 'calls', color: 0, value: ({ requests }) => requests },
    { id: 'errors', label: 'errors', color: 1, value: errorsOf },
    { id: 'gone', label: 'callers gone', color: 3, dash: DASHES, value: (figures) => figures.clientDisconnected },
  ],
};
export const LATENCY: TrafficChart = {
  id: 'latency',
  label: 'Latency',
  curves: [
    { id: 'p50', label: 'median', color: 0, value: ({ latencySeconds }) => latencySeconds.p50 },
    { id: 'p95', label: '95%', color: 1, value: ({ latencySeconds }) => latencySeconds.p95 },
    { id: 'p99', label: '99%', color: 4, dash: DASHES, value: ({ latencySeconds }) => latencySeconds.p99 },
    { id: 'first', label: 'first token, median', color: 2, value: ({ firstTokenSeconds }) => firstTokenSeconds.p50 },
  ],
};
export const TOKENS: TrafficChart = {
  id: 'tokens',
  label: 'Tokens',
  curves: [
    { id: 'input', label: 'of prompts', color: 0, value: ({ inputTokens }) => Number(inputTokens) },
    { id: 'output', label: 'of answers', color: 2, value: ({ outputTokens }) => Number(outputTokens) },
  ],
};

/** Curves over time in units of `unitSeconds`, so that the axis falls on whole minutes, hours or days. */
export function seriesOf(chart: TrafficChart, buckets: readonly Bucket[], unitSeconds: number): Series[] {
  const x = buckets.map(({ from }) => Date.parse(from) / 1000 / unitSeconds);
  return chart.curves.map(({ value, ...curve }) => ({ ...curve, x, y: buckets.map(({ traffic }) => value(traffic)) }));
}
