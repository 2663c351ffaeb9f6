import { describe, expect, it } from '@jest/globals';
import type { Figures } from './documents';
import { cachedShareOf, errorsOf, formatSeconds, LATENCY, REQUESTS, seriesOf, TOKENS } from './traffic-figures';
import { boundsOf, isTrafficSpan } from './traffic-span';

const quiet: Figures = {
  requests: 0,
  running: 0,
  refused: 0,
  clientDisconnected: 0,
  engineFailed: 0,
  recorderLost: 0,
  inputTokens: '0',
  cachedInputTokens: '0',
  outputTokens: '0',
  outputTokensPerSecond: null,
  latencySeconds: { p50: null, p95: null, p99: null },
  firstTokenSeconds: { p50: null, p95: null },
} as Figures;

describe('traffic', () => {
  it('counts as errors what the platform is to blame for', () => {
    expect(errorsOf({ ...quiet, refused: 1, engineFailed: 2, recorderLost: 4, clientDisconnected: 8 })).toBe(7);
  });

  it('tells what share of prompts was cached, where there were any', () => {
    expect(cachedShareOf({ ...quiet, inputTokens: '400', cachedInputTokens: '300' })).toBe(0.75);
    expect(cachedShareOf({ ...quiet, inputTokens: '400' })).toBe(0);
    expect(cachedShareOf(quiet)).toBeNull();
  });

  it('is drawn over whole units of time, with gaps where nobody called', () => {
    const busy = { ...quiet, requests: 3, outputTokens: '40', latencySeconds: { p50: 1.5, p95: 2, p99: 2 } };
    const buckets = [
      { from: '1970-01-01T01:00:00.000Z', traffic: quiet },
      { from: '1970-01-01T01:05:00.000Z', traffic: busy },
    ];
    const [requests] = seriesOf(REQUESTS, buckets, 60);
    expect(requests).toMatchObject({ label: 'calls', x: [60, 65], y: [0, 3] });
    expect(seriesOf(LATENCY, buckets, 60)[0]?.y).toEqual([null, 1.5]);
    expect(seriesOf(TOKENS, buckets, 60)[1]?.y).toEqual([0, 40]);
  });

  it('is asked for up to the end of the minute', () => {
    const asked = boundsOf('hour', Date.UTC(2026, 0, 1, 12, 30, 20));
    expect(asked).toEqual({ from: '2026-01-01T11:31:00.000Z', to: '2026-01-01T12:31:00.000Z' });
    expect(boundsOf('hour', Date.UTC(2026, 0, 1, 12, 30, 59))).toEqual(asked);
    expect([isTrafficSpan('week'), isTrafficSpan('toString'), isTrafficSpan(7)]).toEqual([true, false, false]);
  });

  it.each([
    [null, '–'],
    [0.0854, '85 ms'],
    [1.26, '1.3 s'],
    [125, '2 min 5 s'],
  ])('says %p seconds as %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
});
