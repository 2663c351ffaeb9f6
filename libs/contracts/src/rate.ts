import { Fraction, roundToNanos } from '#libs/kernel';

export const METERS = ['training_tokens', 'input_tokens', 'output_tokens', 'evaluation_tokens'] as const;
export type Meter = (typeof METERS)[number];

/** The price of one meter: exactly priceNanos for every perUnits. */
export interface RateLine {
  meter: Meter;
  /** At most one of them; without either the line is for everything. */
  familyId: string | null;
  checkpointId: string | null;
  priceNanos: bigint;
  perUnits: bigint;
}

/** Published prices; they hold from effectiveFrom until a later card for the same customer takes effect. */
export interface RateCard {
  id: string;
  /** Whose prices they are; null: everybody's who has none of their own. */
  forOrganizationId: string | null;
  effectiveFrom: Date;
  lines: readonly RateLine[];
}

export interface MeteredUsage {
  organizationId: string;
  meter: Meter;
  quantity: bigint;
  familyId: string;
  /** The lab's checkpoint: of a variant, the base below it. */
  baseCheckpointId: string;
}

export interface Rating {
  rateCardId: string;
  line: RateLine;
  /** Exact; round the sum, once, with `total`. */
  nanos: Fraction;
}

/**
 * What usage costs at a time, from published cards in any order; null where no line covers it. The customer's own card goes
 * before the general one; on a card the nearest line counts: the checkpoint's, its family's, the one for everything.
 */
export function rate(cards: readonly RateCard[], usage: MeteredUsage, at: Date): Rating | null {
  for (const customer of [usage.organizationId, null]) {
    const card = cardInForce(cards, customer, at);
    const line = card && nearestLine(card.lines, usage);
    if (card && line) {
      const nanos = new Fraction(line.priceNanos * usage.quantity, line.perUnits);
      return { rateCardId: card.id, line, nanos };
    }
  }
  return null;
}

/** The sum of exact amounts in whole nano-dollars, rounded once. */
export function total(ratings: readonly Pick<Rating, 'nanos'>[]): bigint {
  return roundToNanos(ratings.reduce((sum, rating) => sum.add(rating.nanos), new Fraction(0)));
}

function cardInForce(cards: readonly RateCard[], customer: string | null, at: Date): RateCard | null {
  let newest: RateCard | null = null;
  for (const card of cards) {
    if (card.forOrganizationId !== customer || card.effectiveFrom > at) continue;
    if (!newest || card.effectiveFrom > newest.effectiveFrom) newest = card;
  }
  return newest;
}

function nearestLine(lines: readonly RateLine[], usage: MeteredUsage): RateLine | null {
  const ofMeter = lines.filter((line) => line.meter === usage.meter);
  return (
    ofMeter.find((line) => line.checkpointId === usage.baseCheckpointId) ??
    ofMeter.find((line) => line.checkpointId === null && line.familyId === usage.familyId) ??
    ofMeter.find((line) => line.checkpointId === null && line.familyId === null) ??
    null
  );
}
