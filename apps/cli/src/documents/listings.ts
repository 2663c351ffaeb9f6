import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface ListingPrice {
  meter: string;
  priceNanos: string;
  perUnits: string;
}

export interface Listing {
  id: string;
  title: string;
  summary: string;
  state: string;
  currency: string;
  prices: ListingPrice[];
  allowsFineTuning: boolean;
  audience: string;
  namedOrganizationIds: string[];
  terms: string;
  termsSha256: string;
  endReason: string | null;
  checkpoint: { id: string; name: string } | null;
  /** For the publisher and the lab, else none. */
  reviews: Array<{ verdict: string; reason: string | null; publisherShareBasisPoints: number | null }>;
}

/** How much of another organization hangs on a listing. */
export interface ListingImpact {
  organizationId: string;
  organization: { name: string } | null;
  what: string;
  count: number;
}

const LISTING = `id title summary state currency prices { meter priceNanos perUnits } allowsFineTuning audience
  namedOrganizationIds terms termsSha256 endReason checkpoint { id ... on Checkpoint { name } }
  reviews { verdict reason publisherShareBasisPoints }`;
const IMPACT = 'organizationId organization { name } what count';

export const LISTINGS = defineOperation<{ listings: Connection<Listing> }, Page>(
  `query($first: Int, $after: String) { listings(first: $first, after: $after) { nodes { ${LISTING} } ${PAGE_INFO} } }`,
);

export const OWN_LISTINGS = defineOperation<{ ownListings: Connection<Listing> }, Page & { state?: string }>(
  `query($state: ListingState, $first: Int, $after: String) {
    ownListings(state: $state, first: $first, after: $after) { nodes { ${LISTING} } ${PAGE_INFO} } }`,
);

export const PARTNER_LISTINGS = defineOperation<{ partnerListings: Connection<Listing> }, Page & { state?: string }>(
  `query($state: ListingState, $first: Int, $after: String) {
    partnerListings(state: $state, first: $first, after: $after) { nodes { ${LISTING} } ${PAGE_INFO} } }`,
);

export const LISTING_OF = defineOperation<{ node: Listing | { terms?: undefined } | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on Listing { ${LISTING} } } }`,
);

export const LISTING_IMPACT = defineOperation<{ listingImpact: ListingImpact[] }, { listingId: string }>(
  `query($listingId: ID!) { listingImpact(listingId: $listingId) { ${IMPACT} } }`,
);

/** What is left out of a revision stays as it was. */
export interface Offer {
  title: string;
  summary: string;
  currency: string;
  prices: ListingPrice[];
  terms: string;
  organizationIds?: string[];
  allowsFineTuning?: boolean;
}

const ANSWER = `listing { ${LISTING} }`;
interface Answer {
  listing: Listing;
}
interface About {
  listingId: string;
}

export const CREATE_LISTING = defineMutation<Answer, Offer & { checkpointId: string }>('createListing', ANSWER);
export const UPDATE_LISTING = defineMutation<Answer, Partial<Offer> & About>('updateListing', ANSWER);
export const SUBMIT_LISTING = defineMutation<Answer, About>('submitListing', ANSWER);
export const WITHDRAW_LISTING = defineMutation<Answer, About>('withdrawListing', ANSWER);
export const APPROVE_LISTING = defineMutation<
  Answer,
  About & { termsSha256: string; publisherShareBasisPoints: number }
>('approveListing', ANSWER);
export const REJECT_LISTING = defineMutation<Answer, About & { reason: string }>('rejectListing', ANSWER);
export const TAKE_DOWN_LISTING = defineMutation<Answer & { affected: ListingImpact[] }, About & { reason: string }>(
  'takeDownListing',
  `${ANSWER} affected { ${IMPACT} }`,
);
