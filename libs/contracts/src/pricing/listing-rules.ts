import { type Currency, isId } from '#libs/kernel';
import type { PriceRule } from '../contract/terms.js';
import type { Listing } from '../listings/listing.js';

export type ListingPrices = Pick<Listing, 'id' | 'currency' | 'prices'>;

/**
 * The rules of a contract or a rate card with those that listings come to: each price of a listing is a rule that names it, unless there
 * is one already. Whoever prices by rules, an invoice too, so needs to know nothing of listings. A listing in another currency adds none.
 */
export function withListings(
  rules: readonly PriceRule[],
  listings: readonly ListingPrices[],
  currency: Currency,
): PriceRule[] {
  const agreed = new Set(rules.filter(namesListingAlone).map(({ meter, match }) => `${meter} ${match.listingId}`));
  const added = listings.filter((listing) => listing.currency === currency).flatMap(rulesOf);
  return [...rules, ...added.filter(({ meter, match }) => !agreed.has(`${meter} ${match.listingId}`))];
}

/** By whose price a rule charges; null where it is a rule of a contract or a card. */
export function listingOfRule(ruleId: string): string | null {
  const [listingId = ''] = ruleId.split(SEPARATOR);
  return listingId !== ruleId && isId('lst', listingId) ? listingId : null;
}

const SEPARATOR = '.';

function rulesOf({ id: listingId, prices }: ListingPrices): PriceRule[] {
  return prices.map(({ meter, priceNanos, perUnits }) => ({
    id: `${listingId}${SEPARATOR}${meter}`,
    meter,
    match: { listingId },
    price: { kind: 'flat', priceNanos, perUnits },
  }));
}

function namesListingAlone({ match }: PriceRule): boolean {
  const named = Object.entries(match).filter(([, value]) => value !== undefined);
  return named.length === 1 && match.listingId !== undefined;
}
