import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Fraction, METERS } from '#libs/kernel';
import type { RateCard } from '../rate.js';
import { highestNanos, PriceBook, type PricedUsage, type PriceSource, total as totalOf } from './price-book.js';

const ORGANIZATIONS = ['org_a', 'org_b'];
const FAMILIES = ['fam_a', 'fam_b'];
const CHECKPOINTS = ['ckpt_a', 'ckpt_b', 'ckpt_c'];
const instant = fc.integer({ min: 0, max: 50 }).map((day) => new Date(Date.UTC(2026, 0, 1 + day)));

const line = fc.record({
  meter: fc.constantFrom(...METERS),
  subject: fc.constantFrom(
    { familyId: null, checkpointId: null },
    ...FAMILIES.map((familyId) => ({ familyId, checkpointId: null })),
    ...CHECKPOINTS.map((checkpointId) => ({ familyId: null, checkpointId })),
  ),
  priceNanos: fc.bigInt({ min: 0n, max: 10n ** 15n }),
  perUnits: fc.bigInt({ min: 1n, max: 10n ** 9n }),
});
/** As the database holds them: one line per meter and subject, one card per customer and time. */
const cards: fc.Arbitrary<RateCard[]> = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    forOrganizationId: fc.constantFrom(null, ...ORGANIZATIONS),
    effectiveFrom: instant,
    lines: fc
      .uniqueArray(line, { maxLength: 12, selector: (one) => JSON.stringify([one.meter, one.subject]) })
      .map((lines) => lines.map(({ subject, ...rest }) => ({ ...rest, ...subject }))),
  }),
  { maxLength: 8, selector: (card) => `${card.forOrganizationId} ${card.effectiveFrom.getTime()}` },
);
const usage: fc.Arbitrary<MeteredUsage> = fc.record({
  organizationId: fc.constantFrom(...ORGANIZATIONS, 'org_c'),
  meter: fc.constantFrom(...METERS),
  quantity: fc.bigInt({ min: 0n, max: 10n ** 12n }),
  projectId: fc.constant(null),
  method: fc.constant(null),
  familyId: fc.constantFrom(...FAMILIES),
  baseCheckpointId: fc.constantFrom(...CHECKPOINTS),
});

type MeteredUsage = PricedUsage & { organizationId: string; quantity: bigint };
type Rating = { source: PriceSource; nanos: Fraction };

/** By rate cards alone. */
function rate(published: readonly RateCard[], used: MeteredUsage, at: Date): Rating | null {
  const price = new PriceBook(used.organizationId, [], published).find(used, at);
  return price && { source: price.source, nanos: highestNanos(price, used.quantity) };
}
const total = (ratings: readonly Rating[]) => totalOf(ratings.map(({ nanos }) => nanos));

const shuffled = <T>(values: readonly T[]) => fc.shuffledSubarray([...values], { minLength: values.length });
const card = (part: Partial<RateCard>): RateCard => ({
  id: 'rate_1',
  forOrganizationId: null,
  effectiveFrom: new Date('2026-01-01T00:00:00.000Z'),
  lines: [{ meter: 'training_tokens', familyId: null, checkpointId: null, priceNanos: 1n, perUnits: 3n }],
  ...part,
});
const training = (quantity: bigint): MeteredUsage => ({
  organizationId: 'org_a',
  meter: 'training_tokens',
  quantity,
  projectId: null,
  method: 'lora',
  familyId: 'fam_a',
  baseCheckpointId: 'ckpt_a',
});

describe('a price by rate cards', () => {
  it('is additive: parts of usage cost together what the whole costs', () => {
    fc.assert(
      fc.property(cards, usage, fc.bigInt({ min: 0n, max: 10n ** 12n }), instant, (published, part, more, at) => {
        const whole = rate(published, { ...part, quantity: part.quantity + more }, at);
        const parts = [rate(published, part, at), rate(published, { ...part, quantity: more }, at)];
        if (whole === null) expect(parts).toEqual([null, null]);
        else {
          expect(parts[0]!.nanos.add(parts[1]!.nanos).equals(whole.nanos)).toBe(true);
          expect(total([parts[0]!, parts[1]!])).toBe(total([whole]));
        }
      }),
    );
  });

  it('does not depend on the order of cards, lines or usage', () => {
    const scenario = fc
      .record({ published: cards, used: fc.array(usage, { maxLength: 20 }), at: instant })
      .chain((given) =>
        fc.record({
          given: fc.constant(given),
          published: fc
            .tuple(...given.published.map((one) => shuffled(one.lines)))
            .chain((lines) => shuffled(given.published.map((one, position) => ({ ...one, lines: lines[position]! })))),
          used: shuffled(given.used),
        }),
      );
    fc.assert(
      fc.property(scenario, ({ given, published, used }) => {
        const sum = (cardsGiven: RateCard[], all: MeteredUsage[]) =>
          total(all.flatMap((one) => rate(cardsGiven, one, given.at) ?? []));
        expect(sum(published, used)).toBe(sum(given.published, given.used));
      }),
    );
  });

  it('rounds once: a total lies within half a nano-dollar of the exact sum', () => {
    fc.assert(
      fc.property(cards, fc.array(usage, { maxLength: 30 }), instant, (published, used, at) => {
        const ratings = used.flatMap((one) => rate(published, one, at) ?? []);
        const exact = ratings.reduce((sum, one) => sum.add(one.nanos), new Fraction(0));
        expect(
          exact
            .sub(new Fraction(total(ratings)))
            .abs()
            .compare(new Fraction(1, 2)),
        ).toBeLessThanOrEqual(0);
      }),
    );
    // A third of a nano-dollar a token: rounding each of three calls would lose it all.
    const single = rate([card({})], training(1n), new Date('2026-02-01'))!;
    expect(total([single])).toBe(0n);
    expect(total([single, single, single])).toBe(1n);
  });

  it('never changes for a time that is past when a later card is published', () => {
    fc.assert(
      fc.property(cards, usage, instant, instant, (published, used, at, publishedAt) => {
        fc.pre(at < publishedAt);
        const later = card({ id: 'rate_later', effectiveFrom: publishedAt });
        expect(rate([...published, later], used, at)).toEqual(rate(published, used, at));
      }),
    );
  });

  it('holds from its first instant on, to the millisecond', () => {
    const from = new Date('2026-03-01T00:00:00.000Z');
    const cardsOfTwo = [card({}), card({ id: 'rate_2', effectiveFrom: from })];
    const cardAt = (offset: number) => rate(cardsOfTwo, training(1n), new Date(from.getTime() + offset))!.source;
    expect([cardAt(-1), cardAt(0), cardAt(1)]).toMatchObject(
      ['rate_1', 'rate_2', 'rate_2'].map((rateCardId) => ({ rateCardId })),
    );
    expect(rate([card({ effectiveFrom: from })], training(1n), new Date(from.getTime() - 1))).toBeNull();
  });

  it('takes the nearest line, of the own card before the general one', () => {
    const at = new Date('2026-06-01');
    const price = (familyId: string | null, checkpointId: string | null, priceNanos: bigint) =>
      ({ meter: 'training_tokens', familyId, checkpointId, priceNanos, perUnits: 1n }) as const;
    const general = card({ lines: [price(null, null, 1n), price('fam_a', null, 2n), price(null, 'ckpt_a', 3n)] });
    const costOf = (published: RateCard[], used: Partial<MeteredUsage>) =>
      total([rate(published, { ...training(1n), ...used }, at)!]);
    expect(costOf([general], {})).toBe(3n);
    expect(costOf([general], { baseCheckpointId: 'ckpt_b' })).toBe(2n);
    expect(costOf([general], { baseCheckpointId: 'ckpt_b', familyId: 'fam_b' })).toBe(1n);
    const own = card({ id: 'rate_own', forOrganizationId: 'org_a', lines: [price(null, null, 9n)] });
    expect(costOf([general, own], {})).toBe(9n);
    expect(costOf([general, own], { organizationId: 'org_b' })).toBe(3n);
  });

  it('gives no price where no line covers the meter, so that nothing is free by accident', () => {
    expect(rate([card({})], { ...training(1n), meter: 'output_tokens' }, new Date('2026-06-01'))).toBeNull();
  });
});
