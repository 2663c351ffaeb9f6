import type { GraphqlClient } from '#libs/client';

export const LISTING = 'World of offers';

interface Listing {
  id: string;
  title: string;
  state: string;
}

export interface Offer {
  title: string;
  /** In billionths of a US dollar. */
  pricesNanos: { input: string; output: string };
  perUnits: string;
  /** Whom it is for; all partners if left out. */
  organizationIds?: readonly string[];
}

/** It stays in review: what is listed would be there for the other partner on screens that show it nothing. Gives its id. */
export function ensureListing(publisher: GraphqlClient, variant: string): Promise<string> {
  const pricesNanos = { input: '500000000', output: '1500000000' };
  return ensureSubmitted(publisher, variant, { title: LISTING, pricesNanos, perUnits: '1000000' });
}

/** Whatever became of it since: found again by its title. */
export async function ensureSubmitted(
  publisher: GraphqlClient,
  variant: string,
  { title, pricesNanos, perUnits, organizationIds }: Offer,
): Promise<string> {
  const { ownListings } = await publisher.query<{ ownListings: { nodes: Listing[] } }>(
    '{ ownListings(first: 100) { nodes { id title } } }',
  );
  const known = ownListings.nodes.find((one) => one.title === title);
  if (known) return known.id;
  const document = 'query($model: String!) { checkpoint(model: $model) { id } }';
  const { checkpoint } = await publisher.query<{ checkpoint: { id: string } }>(document, { model: variant });
  const input = {
    checkpointId: checkpoint.id,
    title,
    summary: 'Rewrites declarations of Ada in Rust.',
    currency: 'USD',
    prices: [
      { meter: 'INPUT_TOKENS', priceNanos: pricesNanos.input, perUnits },
      { meter: 'OUTPUT_TOKENS', priceNanos: pricesNanos.output, perUnits },
    ],
    terms: 'Use it kindly, and say where it came from.',
    allowsFineTuning: true,
    organizationIds,
  };
  const { listing } = await publisher.mutate<{ listing: Listing }>('createListing', input, 'listing { id }');
  await publisher.mutate('submitListing', { listingId: listing.id }, 'listing { id }');
  return listing.id;
}
