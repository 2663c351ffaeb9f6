import { describe, expect, it } from '@jest/globals';
import { DomainError } from '#libs/kernel';
import { CENT, commitment, event, type Fields, grant, history, rule, tier, version } from './history.fixture.js';
import { parseHistory } from './parse-history.js';

const at = '2026-01-10T00:00:00.000Z';

/** Where the first problem of a history lies. */
function placeOf(fields: Fields): string {
  try {
    parseHistory(history(fields));
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ code: 'HISTORY_INVALID', status: 400 });
    return (error as DomainError).path.join('.');
  }
  return 'nothing';
}
const withTerms = (...terms: Fields[]) => ({
  versions: terms.map((ofTerms, index) => version({ number: index + 1 }, ofTerms)),
});
const withTiers = (...tiers: object[]) => withTerms({ prices: [rule({ price: { kind: 'volume', tiers } })] });

describe('a history', () => {
  it('is read with whole numbers as strings or as numbers, and times in milliseconds', () => {
    const read = parseHistory(
      history({ events: [event(at, '123456789012345678901'), { ...event(at, '1'), quantity: 7 }] }),
    );
    expect(read.events.map(({ quantity }) => quantity)).toEqual([123456789012345678901n, 7n]);
    expect(read.events[0]!.at).toBe(Date.UTC(2026, 0, 10));
  });

  it('is refused where a field has the wrong form, and says where', () => {
    expect(placeOf({ currency: 'CHF' })).toBe('currency');
    expect(placeOf({ startsAt: '2026-01-01T00:00:00Z' })).toBe('startsAt');
    expect(placeOf({ startsAt: '2026-02-30T00:00:00.000Z' })).toBe('startsAt');
    expect(placeOf({ graceDays: -1 })).toBe('graceDays');
    expect(placeOf({ versions: [] })).toBe('versions');
    expect(placeOf({ unheardOf: 1 })).toBe('');
    expect(placeOf({ events: [event(at, '1'), event(at, '0')] })).toBe('events.1.quantity');
    expect(placeOf({ events: [event(at, '1.5')] })).toBe('events.0.quantity');
    expect(placeOf({ events: [event(at, '1', { projectId: '\ud800' })] })).toBe('events.0.projectId');
    expect(placeOf(withTerms({ taxBasisPoints: '5' }))).toBe('versions.0.terms.taxBasisPoints');
    expect(placeOf(withTerms({ prices: [rule({ price: { ...CENT, kind: 'free' } })] }))).toBe(
      'versions.0.terms.prices.0.price.kind',
    );
  });

  it('is refused where its fields contradict each other, and says where', () => {
    expect(placeOf({ endsAt: '2026-01-01T00:00:00.000Z' })).toBe('endsAt');
    expect(placeOf({ versions: [version({ effectiveFrom: at })] })).toBe('versions.0.effectiveFrom');
    expect(placeOf({ versions: [version(), version()] })).toBe('versions.1.number');
    const backwards = [version(), version({ number: 2, effectiveFrom: at }), version({ number: 3 })];
    expect(placeOf({ versions: backwards })).toBe('versions.2.effectiveFrom');
    expect(placeOf({ grants: [grant('g', '1'), grant('g', '1')] })).toBe('grants.1.id');
    const [first, other] = [event(at, '1'), event(at, '2')];
    expect(placeOf({ events: [first, { ...first, receivedAt: '2026-02-01T00:00:00.000Z' }] })).toBe('nothing');
    expect(placeOf({ events: [first, { ...other, id: first.id }] })).toBe('events.1.id');
  });

  it('is refused where prices do', () => {
    expect(placeOf(withTerms({ prices: [rule(), rule({ match: { method: 'lora' } })] }))).toBe(
      'versions.0.terms.prices.1.id',
    );
    expect(placeOf(withTerms({ prices: [rule(), rule({ id: 'r2' })] }))).toBe('versions.0.terms.prices.1.match');
    const tiers = 'versions.0.terms.prices.0.price.tiers';
    expect(placeOf(withTiers(tier('5', '1')))).toBe(`${tiers}.0.upTo`);
    expect(placeOf(withTiers(tier(null, '1'), tier(null, '1')))).toBe(`${tiers}.0.upTo`);
    expect(placeOf(withTiers(tier('5', '1'), tier('5', '1'), tier(null, '1')))).toBe(`${tiers}.1.upTo`);
  });

  it('is refused where commitments do', () => {
    const place = 'versions.0.terms.commitments';
    const second = commitment({ id: 'k2', from: '2026-02-01T00:00:00.000Z', to: '2026-04-01T00:00:00.000Z' });
    expect(placeOf(withTerms({ commitments: [commitment({ from: at })] }))).toBe(`${place}.0.from`);
    expect(placeOf(withTerms({ commitments: [commitment({ to: '2026-01-01T00:00:00.000Z' })] }))).toBe(`${place}.0.to`);
    expect(placeOf(withTerms({ commitments: [commitment(), second] }))).toBe(`${place}.1`);
    const changed = (fields: Fields) =>
      placeOf(withTerms({ commitments: [commitment()] }, { commitments: [commitment(fields)] }));
    expect(changed({ amountMinor: '999' })).toBe('versions.1.terms.commitments.0.amountMinor');
    expect(changed({ kind: 'postpaid' })).toBe('versions.1.terms.commitments.0.kind');
    expect(changed({ amountMinor: '1001' })).toBe('nothing');
  });
});
