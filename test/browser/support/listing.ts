import type { GraphqlClient } from '#libs/client';

export const LISTING = 'World of offers';

interface Listing {
  id: string;
  title: string;
}

/** It stays in review: what is listed would be there for the other partner on screens that show it nothing. Gives its id. */
export async function ensureListing(publisher: GraphqlClient, variant: string): Promise<string> {
  const { ownListings } = await publisher.query<{ ownListings: { nodes: Listing[] } }>(
    '{ ownListings(state: IN_REVIEW, first: 100) { nodes { id title } } }',
  );
  const known = ownListings.nodes.find(({ title }) => title === LISTING);
  if (known) return known.id;
  const document = 'query($model: String!) { checkpoint(model: $model) { id } }';
  const { checkpoint } = await publisher.query<{ checkpoint: { id: string } }>(document, { model: variant });
  const price = (meter: string, priceNanos: string) => ({ meter, priceNanos, perUnits: '1000000' });
  const input = {
    checkpointId: checkpoint.id,
    title: LISTING,
    summary: 'Rewrites declarations of Ada in Rust.',
    currency: 'USD',
    prices: [price('INPUT_TOKENS', '500000000'), price('OUTPUT_TOKENS', '1500000000')],
    terms: 'Use it kindly, and say where it came from.',
    allowsFineTuning: true,
  };
  const { listing } = await publisher.mutate<{ listing: Listing }>('createListing', input, 'listing { id }');
  await publisher.mutate('submitListing', { listingId: listing.id }, 'listing { id }');
  return listing.id;
}
