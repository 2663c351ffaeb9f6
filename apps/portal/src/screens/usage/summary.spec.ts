import { describe, expect, test } from '@jest/globals';
import type { UsageRow } from './documents';
import { isoDay, spanOf, summarize } from './summary';

const row = (more: Partial<UsageRow>): UsageRow => ({
  day: '2026-11-20',
  model: 'a',
  apiKeyId: null,
  jobId: null,
  projectId: null,
  project: null,
  kind: null,
  meter: 'INPUT_TOKENS',
  quantity: '10',
  events: 1,
  cost: { currency: 'USD', nanos: '5' },
  ...more,
});

describe('a summary of usage', () => {
  test('counts a request once though it has two meters', () => {
    const { groups } = summarize(
      [row({ events: 3 }), row({ meter: 'OUTPUT_TOKENS', quantity: '7', events: 3 }), row({ day: '2026-11-21' })],
      'MODEL',
    );
    expect(groups).toMatchObject([
      {
        key: 'a',
        quantities: { INPUT_TOKENS: 20n, CACHED_INPUT_TOKENS: 0n, OUTPUT_TOKENS: 7n, TRAINING_TOKENS: 0n },
        totalTokens: 27n,
        events: 4,
        costNanos: 15n,
        unpriced: false,
      },
    ]);
  });

  test('tells what is stored apart from tokens', () => {
    const stored = row({ model: null, meter: 'STORED_BYTE_HOURS', quantity: '48000' });
    const cached = row({ meter: 'CACHED_INPUT_TOKENS', quantity: '4' });
    const { groups, days } = summarize([row({}), cached, stored], 'MODEL');
    expect(groups.map(({ key, totalTokens, events }) => [key, totalTokens, events])).toEqual([
      ['a', 14n, 1],
      ['', 0n, 1],
    ]);
    expect(groups[1]!.quantities.STORED_BYTE_HOURS).toBe(48_000n);
    expect(days.get('')?.get('2026-11-20')).toEqual({ tokens: 0n, costNanos: 5n });
  });

  test('adds up days of a group', () => {
    const { days } = summarize([row({}), row({ meter: 'OUTPUT_TOKENS' }), row({ day: '2026-11-21' })], 'MODEL');
    expect(days.get('a')?.get('2026-11-20')).toEqual({ tokens: 20n, costNanos: 10n });
    expect(days.get('a')?.get('2026-11-21')).toEqual({ tokens: 10n, costNanos: 5n });
  });

  test('puts what costs most first, and says what has no price', () => {
    const { groups } = summarize(
      [
        row({ model: 'free', cost: null, quantity: '900' }),
        row({ model: 'dear', cost: { currency: 'USD', nanos: '9' } }),
      ],
      'MODEL',
    );
    expect(groups.map(({ key, unpriced }) => [key, unpriced])).toEqual([
      ['dear', false],
      ['free', true],
    ]);
  });
});

test('a span is whole days in UTC with the present one', () => {
  const noon = Date.UTC(2026, 10, 23, 12);
  const { from, to, firstDay } = spanOf(7, noon);
  expect([from, to]).toEqual(['2026-11-17T00:00:00.000Z', '2026-11-24T00:00:00.000Z']);
  expect(isoDay(firstDay)).toBe('2026-11-17');
});
