import { type Currency, Fraction, type Meter, roundToNanos } from '#libs/kernel';
import { agreementAt } from '../contract/contract.js';
import type { PriceRule } from '../contract/terms.js';
import type { RateCard, RateLine } from '../rate.js';
import type { AgreedContract, AgreedVersion } from './agreed-contracts.js';
import { keptBasisPoints, WHOLE_BASIS_POINTS } from './discounts.js';
import { dearestUnit, exactPriceNanos, highestPriceNanos } from './exact-price.js';
import { type ListingPrices, withListings } from './listing-rules.js';
import { RuleTree } from './rule-tree.js';

/** What a price depends on besides the time and the quantity. */
export interface PricedUsage {
  meter: Meter;
  /** Who pays; null where no project is meant, so that prices agreed for single projects do not count. */
  projectId: string | null;
  /** Null for what is of no model. */
  familyId: string | null;
  /** The lab's checkpoint: of a variant, the base below it. Null for what is of no model. */
  baseCheckpointId: string | null;
  /** How it was trained; null for what is no training. */
  method: string | null;
  /** The listing by which another partner's variant is used; none where it is left out. */
  listingId?: string | null;
}

/** Who says so. */
export type PriceSource =
  | { kind: 'contract'; contractId: string; contractName: string; versionId: string; versionNumber: number }
  | { kind: 'rate_card'; rateCardId: string };

/** The rule that prices something, of a version of a contract or of a rate card; the same object whenever it is found in the same book. */
export interface Price {
  source: PriceSource;
  currency: Currency;
  rule: PriceRule;
  /** What discounts leave of it. */
  keptBasisPoints: bigint;
}

/** Prices that are looked at together. */
interface PriceList {
  source: PriceSource;
  prices: RuleTree<PriceRule & { found: Price }>;
}

/**
 * All prices of one customer, at all times. While a contract is in force its version decides alone: what it does not price has no
 * price. Else published rate cards do, the customer's own before the general one, line by line. Pure: whoever quotes, shows or sums up reads a book
 * once and asks it as often as it likes.
 */
export class PriceBook {
  readonly #lists = new Map<AgreedVersion | RateCard, PriceList>();

  constructor(
    readonly organizationId: string,
    readonly contracts: readonly AgreedContract[],
    readonly cards: readonly RateCard[],
    /** What was listed for the customer; a contract's or card's own rule for one goes before. */
    readonly listings: readonly ListingPrices[] = [],
  ) {}

  /** Null where nothing prices it: `refusal` says why. */
  find(usage: PricedUsage, at: Date): Price | null {
    const { baseCheckpointId: checkpointId, listingId = null } = usage;
    for (const { prices } of this.#listsAt(at)) {
      const rule = prices.ruleFor({ ...usage, checkpointId, listingId });
      if (rule) return rule.found;
    }
    return null;
  }

  /** The clause behind it when something has no price at a time. */
  refusal(at: Date): string {
    const [source] = this.#listsAt(at).map((list) => list.source);
    if (source?.kind !== 'contract') return 'no published rate card has a line for it';
    const { versionNumber, contractName, contractId } = source;
    return `the clause "prices" of version ${versionNumber} of the contract ${contractName} (${contractId}), which is in force, has no rule for it`;
  }

  /** When prices may change, in order. */
  changes(): Date[] {
    const times = [
      ...this.cards.map(({ effectiveFrom }) => effectiveFrom),
      ...this.contracts.flatMap(({ endsAt, versions }) => [
        endsAt,
        ...versions.flatMap(({ effectiveFrom }) => effectiveFrom ?? []),
      ]),
    ];
    const distinct = new Set(times.map((time) => time.getTime()));
    return [...distinct].sort((left, right) => left - right).map((time) => new Date(time));
  }

  #listsAt(at: Date): PriceList[] {
    const agreed = agreementAt(this.contracts, at);
    if (agreed) return [this.#list(agreed.version, () => listOfVersion(agreed, this.listings))];
    const cards = [this.organizationId, null].flatMap((customer) => cardInForce(this.cards, customer, at) ?? []);
    return cards.map((card) => this.#list(card, () => listOfCard(card, this.listings)));
  }

  #list(key: AgreedVersion | RateCard, make: () => PriceList): PriceList {
    const list = this.#lists.get(key) ?? make();
    this.#lists.set(key, list);
    return list;
  }
}

/** What a quantity costs by itself, if it is all of the period that the rule prices: the invoice's line, before it is rounded. */
export function lineNanos(price: Price, quantity: bigint): Fraction {
  return quantity === 0n ? new Fraction(0) : discounted(price, exactPriceNanos(price.rule.price, quantity));
}

/** The most that a quantity can come to, whatever else is used in the period; exactly what it costs where the price is flat. */
export function highestNanos(price: Price, quantity: bigint): Fraction {
  return discounted(price, highestPriceNanos(price.rule.price, quantity));
}

/** Whether a part of usage costs the same whatever else is used. */
export function isFlat({ rule }: Price): boolean {
  return rule.price.kind === 'flat';
}

/** What units cost at most, as a price of whole nanos for so many units: that of the dearest tier without its fee, less discounts. */
export function unitPrice(price: Price): { priceNanos: bigint; perUnits: bigint } {
  const { priceNanos, perUnits } = dearestUnit(price.rule.price);
  const { n, d } = discounted(price, new Fraction(priceNanos));
  return { priceNanos: n, perUnits: perUnits * d };
}

/** The sum of exact amounts in whole nanos of their currency, rounded once. */
export function total(amounts: Iterable<Fraction>): bigint {
  let sum = new Fraction(0);
  for (const amount of amounts) sum = sum.add(amount);
  return roundToNanos(sum);
}

function discounted({ keptBasisPoints: kept }: Price, nanos: Fraction): Fraction {
  return nanos.mul(new Fraction(kept, WHOLE_BASIS_POINTS));
}

function cardInForce(cards: readonly RateCard[], customer: string | null, at: Date): RateCard | null {
  let newest: RateCard | null = null;
  for (const card of cards) {
    if (card.forOrganizationId !== customer || card.effectiveFrom > at) continue;
    if (!newest || card.effectiveFrom > newest.effectiveFrom) newest = card;
  }
  return newest;
}

function listOfVersion(
  { contract, version }: { contract: AgreedContract; version: AgreedVersion },
  listings: readonly ListingPrices[],
): PriceList {
  const { id: contractId, name: contractName, currency } = contract;
  const { id: versionId, number: versionNumber, terms } = version;
  const source: PriceSource = { kind: 'contract', contractId, contractName, versionId, versionNumber };
  const found = withListings(terms.prices, listings, currency).map((rule) => ({
    source,
    currency,
    rule,
    keptBasisPoints: keptBasisPoints(terms, rule.meter),
  }));
  return listOf(source, found);
}

function listOfCard({ id: rateCardId, lines }: RateCard, listings: readonly ListingPrices[]): PriceList {
  const source: PriceSource = { kind: 'rate_card', rateCardId };
  const found = withListings(lines.map(ruleOf), listings, 'USD').map((rule) => ({
    source,
    currency: 'USD' as const,
    rule,
    keptBasisPoints: WHOLE_BASIS_POINTS,
  }));
  return listOf(source, found);
}

function listOf(source: PriceSource, prices: readonly Price[]): PriceList {
  return { source, prices: new RuleTree(prices.map((found) => ({ ...found.rule, found }))) };
}

/** A line of a rate card is a rule with a flat price. */
function ruleOf({ meter, familyId, checkpointId, priceNanos, perUnits }: RateLine, position: number): PriceRule {
  const match = { checkpointId: checkpointId ?? undefined, familyId: familyId ?? undefined };
  return { id: String(position), meter, match, price: { kind: 'flat', priceNanos, perUnits } };
}
