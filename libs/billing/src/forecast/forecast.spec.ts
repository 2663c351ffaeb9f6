import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commitment, event, type Fields, grant, history, rule, tier, version } from '../invoicing/history.fixture.js';
import { firstReceipts, invoicesOf, parseHistory, UsageAccumulator } from '../invoicing/index.js';
import { type Forecast, forecastOf, observedSpan } from './forecast.js';
import { Pace } from './pace.js';

/** What is known by a time of a contract from January to April, and what comes of it. */
function forecast(now: string, fields: Fields): Forecast {
  const { events, ...contract } = parseHistory(history({ endsAt: '2026-05-01T00:00:00.000Z', periods: 4, ...fields }));
  const usage = new UsageAccumulator(contract);
  const pace = new Pace(observedSpan(contract, Date.parse(now)));
  for (const one of firstReceipts(events)) {
    usage.add(one);
    pace.add(one);
  }
  return forecastOf(usage, pace);
}

const dues = ({ periods }: Forecast) => periods.map(({ expectedDueMinor }) => Number(expectedDueMinor));
const known = ({ periods }: Forecast) => periods.map(({ knownDueMinor }) => Number(knownDueMinor));

describe('the pace', () => {
  it('is that of the last four weeks, at the prices of each month to come', () => {
    // 280 cents in the 28 days up to March: ten a day.
    const events = [event('2026-01-05T00:00:00.000Z', '5000'), event('2026-02-14T12:00:00.000Z', '280')];
    const doubled = version(
      { number: 2, effectiveFrom: '2026-04-01T00:00:00.000Z' },
      { prices: [rule({ price: { kind: 'flat', priceNanos: '20000000', perUnits: '1' } })] },
    );
    const found = forecast('2026-03-01T00:00:00.000Z', { events, versions: [version(), doubled] });
    expect(found.observed).toEqual({ from: Date.parse('2026-02-01'), to: Date.parse('2026-03-01') });
    expect(dues(found)).toEqual([5_000, 280, 310, 600]);
    expect(known(found)).toEqual([5_000, 280, 0, 0]);
  });

  it('counts from the beginning of a young contract, and a day at the least', () => {
    const events = [event('2026-01-01T03:00:00.000Z', '24')];
    expect(dues(forecast('2026-01-03T00:00:00.000Z', { events }))).toEqual([24 + 29 * 12, 28 * 12, 31 * 12, 30 * 12]);
    expect(dues(forecast('2026-01-01T06:00:00.000Z', { events }))).toEqual([
      24 + 24 * 30 + 18,
      24 * 28,
      24 * 31,
      24 * 30,
    ]);
  });

  it('keeps projects and meters apart, for what is agreed for one of them', () => {
    const dear = rule({
      id: 'dear',
      match: { projectId: 'p2' },
      price: { kind: 'flat', priceNanos: '100000000', perUnits: '1' },
    });
    const events = [
      event('2026-02-02T00:00:00.000Z', '28'),
      event('2026-02-02T00:00:00.000Z', '28', { projectId: 'p2' }),
    ];
    const versions = [version({}, { prices: [rule(), dear] })];
    expect(dues(forecast('2026-03-01T00:00:00.000Z', { events, versions }))).toEqual([0, 28 + 280, 31 + 310, 30 + 300]);
  });
});

describe('what is agreed', () => {
  it('tiers, minimums and credits count in months to come', () => {
    const tiers = rule({ price: { kind: 'graduated', tiers: [tier('100', '10000000'), tier(null, '5000000')] } });
    const versions = [version({}, { prices: [tiers], minimumMinor: '150' })];
    const events = [event('2026-02-02T00:00:00.000Z', '280')];
    const found = forecast('2026-03-01T00:00:00.000Z', { events, versions, grants: [grant('g', '400')] });
    // 100 + 90, 100 + 105, 100 + 100; the credit pays January's minimum, February and 60 of March.
    expect(dues(found)).toEqual([0, 0, 145, 200]);
    expect(known(found)).toEqual([0, 0, 90, 150]);
  });

  it('says what a commitment will have been used by its end', () => {
    const spring = commitment({
      id: 'spring',
      amountMinor: '1000',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-05-01T00:00:00.000Z',
    });
    const versions = [version({}, { commitments: [spring] })];
    const events = [event('2026-02-02T00:00:00.000Z', '560')];
    const { commitments } = forecast('2026-03-01T00:00:00.000Z', { events, versions });
    expect(commitments).toMatchObject([
      { id: 'spring', amountMinor: 1_000n, consumedMinor: 560n, expectedMinor: 560n + 620n + 600n },
    ]);
  });
});

it('loses nothing by rounding, and foretells of a term that is over what its invoices say', () => {
  const instant = fc.date({
    min: new Date('2026-01-01T00:00:00.000Z'),
    max: new Date('2026-04-30T00:00:00.000Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(instant, fc.integer({ min: 1, max: 10_000 })), { minLength: 1, maxLength: 30 }),
      (uses) => {
        const events = uses.map(([at, quantity]) => event(at.toISOString(), String(quantity)));
        const over = forecast('2026-05-01T00:00:00.000Z', { events });
        expect(dues(over)).toEqual(known(over));
        const { events: parsed, ...contract } = parseHistory(
          history({ endsAt: '2026-05-01T00:00:00.000Z', periods: 4, events }),
        );
        const pace = new Pace({ from: Date.parse('2026-01-01'), to: Date.parse('2026-05-01') });
        for (const one of parsed) pace.add(one);
        const again = [
          ...pace.goingOn([
            { from: 0, to: 7 },
            { from: 7, to: 1_000_000 },
            { from: 1_000_000, to: pace.observed.to - pace.observed.from },
          ]),
        ];
        const sum = (all: ReadonlyArray<{ quantity: bigint }>) =>
          all.reduce((total, { quantity }) => total + quantity, 0n);
        expect(sum(again)).toBe(sum(parsed));
        expect(invoicesOf(new UsageAccumulator(contract)).invoices).toHaveLength(4);
      },
    ),
    { numRuns: 50 },
  );
});
