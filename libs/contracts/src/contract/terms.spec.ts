import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '#libs/kernel';
import { termsJson } from './terms.fixture.js';
import { parseTerms } from './terms.js';
import { assertTerms } from './terms-rules.js';

const TERM = { startsAt: new Date('2026-03-10T00:00:00.000Z'), endsAt: new Date('2027-03-10T00:00:00.000Z') };

const rule = (part: object = {}) => ({
  id: 'r1',
  meter: 'input_tokens',
  match: {},
  price: { kind: 'flat', priceNanos: '3', perUnits: '1' },
  ...part,
});
const tier = (upTo: string | null) => ({ upTo, priceNanos: '1', perUnits: '1', feeNanos: '0' });
const tiered = (kind: string, ...ends: Array<string | null>) => rule({ price: { kind, tiers: ends.map(tier) } });
const commitment = (part: object = {}) => ({
  id: 'c1',
  kind: 'prepaid',
  amountMinor: '100',
  from: '2026-04-01T00:00:00.000Z',
  to: '2026-07-01T00:00:00.000Z',
  overageBasisPoints: 10_000,
  ...part,
});
const check = (json: object, term: { startsAt: Date | null; endsAt: Date } = TERM, before?: object) =>
  assertTerms(parseTerms(termsJson(json)), term, before ? parseTerms(termsJson(before)) : null);

describe('terms', () => {
  it('are read as bigints and dates, and written as they were', () => {
    const json = termsJson({
      prices: [
        rule({ match: { projectId: 'p', method: 'supervised' } }),
        tiered('graduated', '10', null),
        rule({
          id: 'r3',
          meter: 'gpu_seconds',
          price: { kind: 'package', priceNanos: '9'.repeat(38), packageUnits: '60' },
        }),
      ],
      discounts: [{ id: 'd', basisPoints: 10_000, meters: null }],
      commitments: [commitment()],
    });
    const terms = parseTerms(json);
    expect(terms.commitments[0]).toMatchObject({ amountMinor: 100n, from: new Date('2026-04-01T00:00:00.000Z') });
    expect(canonicalJson(terms)).toBe(canonicalJson(json));
  });

  it('are payable within 30 days where they say nothing of it', () => {
    const { paymentDays: _, ...older } = termsJson() as { paymentDays: number };
    expect(parseTerms(older).paymentDays).toBe(30);
    expect(() => parseTerms(termsJson({ paymentDays: 121 }))).toThrow('paymentDays');
  });

  it('keep data until somebody deletes them where they do not say for how long', () => {
    const { retention: _, ...older } = termsJson() as { retention: object };
    expect(parseTerms(older).retention).toEqual({ uploadDays: null, afterEndDays: null });
    const kept = (uploadDays: unknown, afterEndDays: unknown) =>
      parseTerms(termsJson({ retention: { uploadDays, afterEndDays } }));
    expect(kept(3_650, 0).retention).toEqual({ uploadDays: 3_650, afterEndDays: 0 });
    for (const days of [0, 3_651, 1.5]) expect(() => kept(days, null)).toThrow('retention.uploadDays');
    for (const days of [-1, 3_651]) expect(() => kept(null, days)).toThrow('retention.afterEndDays');
  });

  it.each<[string, object]>([
    ['nothing at all', {}],
    ['rules of a meter that match other usage', { prices: [rule(), rule({ id: 'r2', match: { familyId: 'f' } })] }],
    ['one match of two meters', { prices: [rule(), rule({ id: 'r2', meter: 'output_tokens' })] }],
    ['a single tier without an end', { prices: [tiered('volume', null)] }],
    ['rising tiers', { prices: [tiered('graduated', '1', '2', null)] }],
    [
      'a commitment of the whole term',
      { commitments: [commitment({ from: TERM.startsAt.toISOString(), to: TERM.endsAt.toISOString() })] },
    ],
    [
      'one commitment right after another',
      {
        commitments: [
          commitment(),
          commitment({ id: 'c2', from: '2026-07-01T00:00:00.000Z', to: '2026-08-01T00:00:00.000Z' }),
        ],
      },
    ],
  ])('may say %s', (_, json) => {
    expect(() => check(json)).not.toThrow();
  });

  it.each<[string, Array<string | number>, object]>([
    ['an unknown meter', ['prices', 0, 'meter'], { prices: [rule({ meter: 'requests' })] }],
    ['an unknown kind of price', ['prices', 0, 'barter', 'kind'], { prices: [rule({ price: { kind: 'barter' } })] }],
    [
      'a price below zero',
      ['prices', 0, 'flat', 'priceNanos'],
      { prices: [rule({ price: { kind: 'flat', priceNanos: '-1', perUnits: '1' } })] },
    ],
    [
      'a price for no units',
      ['prices', 0, 'flat', 'perUnits'],
      { prices: [rule({ price: { kind: 'flat', priceNanos: '1', perUnits: '0' } })] },
    ],
    ['an amount as a number', ['minimumMinor'], { minimumMinor: 1 }],
    ['a field too many', ['prices', 0, 'match'], { prices: [rule({ match: { region: 'eu' } })] }],
    ['no id', ['prices', 0, 'id'], { prices: [rule({ id: '' })] }],
    ['no tiers', ['prices', 0, 'volume', 'tiers'], { prices: [tiered('volume')] }],
    ['a rule id twice', ['prices', 1, 'id'], { prices: [rule(), rule({ match: { method: 'm' } })] }],
    ['a match twice', ['prices', 1, 'match'], { prices: [rule(), rule({ id: 'r2' })] }],
    [
      'tiers that do not rise',
      ['prices', 0, 'graduated', 'tiers', 1, 'upTo'],
      { prices: [tiered('graduated', '5', '5', null)] },
    ],
    ['a last tier with an end', ['prices', 0, 'volume', 'tiers', 1, 'upTo'], { prices: [tiered('volume', '5', '6')] }],
    [
      'an earlier tier without one',
      ['prices', 0, 'volume', 'tiers', 0, 'upTo'],
      { prices: [tiered('volume', null, null)] },
    ],
    [
      'a discount of more than all',
      ['discounts', 0, 'basisPoints'],
      { discounts: [{ id: 'd', basisPoints: 10_001, meters: null }] },
    ],
    [
      'a discount id twice',
      ['discounts', 1, 'id'],
      { discounts: [1, 2].map((basisPoints) => ({ id: 'd', basisPoints, meters: null })) },
    ],
    ['a commitment id twice', ['commitments', 1, 'id'], { commitments: [commitment(), commitment()] }],
    [
      'an overage below the price',
      ['commitments', 0, 'overageBasisPoints'],
      { commitments: [commitment({ overageBasisPoints: 9_999 })] },
    ],
    [
      'a commitment from the middle of a month',
      ['commitments', 0, 'from'],
      { commitments: [commitment({ from: '2026-04-02T00:00:00.000Z' })] },
    ],
    [
      'a commitment until a millisecond too late',
      ['commitments', 0, 'to'],
      { commitments: [commitment({ to: '2026-07-01T00:00:00.001Z' })] },
    ],
    [
      'a commitment before the term',
      ['commitments', 0, 'from'],
      { commitments: [commitment({ from: '2026-03-01T00:00:00.000Z' })] },
    ],
    [
      'a commitment after the term',
      ['commitments', 0, 'to'],
      { commitments: [commitment({ to: '2027-04-01T00:00:00.000Z' })] },
    ],
    [
      'a commitment that ends as it begins',
      ['commitments', 0, 'to'],
      { commitments: [commitment({ to: '2026-04-01T00:00:00.000Z' })] },
    ],
    [
      'commitments that overlap',
      ['commitments', 1],
      {
        commitments: [
          commitment(),
          commitment({ id: 'c2', from: '2026-06-01T00:00:00.000Z', to: '2026-08-01T00:00:00.000Z' }),
        ],
      },
    ],
    ['a tax below nothing', ['taxBasisPoints'], { taxBasisPoints: -1 }],
  ])('are refused for %s, with its place', (_, path, json) => {
    const expected = { code: 'CONTRACT_TERMS_INVALID', path: ['terms', ...path] };
    expect(refusalOf(() => check(json))).toMatchObject(expected);
  });

  it('of a contract that starts on acceptance begin commitments with months', () => {
    const open = { ...TERM, startsAt: null };
    expect(() => check({ commitments: [commitment()] }, open)).not.toThrow();
    const from = TERM.startsAt.toISOString();
    expect(refusalOf(() => check({ commitments: [commitment({ from })] }, open))).toMatchObject({
      path: ['terms', 'commitments', 0, 'from'],
    });
  });
});

describe('an amendment', () => {
  const before = { commitments: [commitment()] };

  it('may raise what was promised, promise more, and change all prices', () => {
    const more = commitment({ id: 'c2', from: '2026-07-01T00:00:00.000Z', to: '2026-08-01T00:00:00.000Z' });
    const after = {
      prices: [rule()],
      commitments: [more, commitment({ amountMinor: '101', overageBasisPoints: 12_000 })],
    };
    expect(() => check(after, TERM, before)).not.toThrow();
  });

  it.each<[string, Array<string | number>, object]>([
    ['lower it', ['commitments', 0, 'amountMinor'], { commitments: [commitment({ amountMinor: '99' })] }],
    ['drop it', ['commitments'], {}],
    ['change its kind', ['commitments', 0, 'kind'], { commitments: [commitment({ kind: 'postpaid' })] }],
    [
      'move its beginning',
      ['commitments', 0, 'from'],
      { commitments: [commitment({ from: '2026-05-01T00:00:00.000Z' })] },
    ],
    ['move its end', ['commitments', 0, 'to'], { commitments: [commitment({ to: '2026-08-01T00:00:00.000Z' })] }],
  ])('can not %s', (_, path, after) => {
    expect(refusalOf(() => check(after, TERM, before))).toMatchObject({ path: ['terms', ...path] });
  });
});

function refusalOf(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}
