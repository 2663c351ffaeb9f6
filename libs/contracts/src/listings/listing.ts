import { type Currency, defineStates, type Meter } from '#libs/kernel';

export const LISTING_STATES = ['draft', 'in_review', 'listed', 'rejected', 'withdrawn', 'taken_down'] as const;
export type ListingState = (typeof LISTING_STATES)[number];

/** What was listed stays as it was read, priced and approved: another price is another listing. */
export const listingStates = defineStates<ListingState>('listing', {
  initial: 'draft',
  terminal: ['withdrawn', 'taken_down'],
  transitions: {
    draft: ['in_review', 'withdrawn'],
    in_review: ['listed', 'rejected', 'withdrawn'],
    // To be worked on and submitted again.
    rejected: ['draft', 'withdrawn'],
    listed: ['withdrawn', 'taken_down'],
    withdrawn: [],
    taken_down: [],
  },
});

export const LISTING_AUDIENCES = ['all_partners', 'named'] as const;
export type ListingAudience = (typeof LISTING_AUDIENCES)[number];

/** What a listing has a price for: the use of a variant is inference. */
export const LISTING_METERS = [
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
] as const satisfies readonly Meter[];
export type ListingMeter = (typeof LISTING_METERS)[number];

/** A quantity Q costs Q × priceNanos / perUnits. */
export interface ListingPrice {
  meter: ListingMeter;
  priceNanos: bigint;
  perUnits: bigint;
}

/** What the publisher says of it; fixed once it is submitted. */
export interface ListingOffer {
  title: string;
  summary: string;
  audience: ListingAudience;
  currency: Currency;
  prices: ListingPrice[];
  allowsFineTuning: boolean;
  terms: string;
}

/** A variant that its publisher offers to other partners, on terms and at a price that the lab has reviewed. */
export interface Listing extends ListingOffer {
  id: string;
  /** The publisher. */
  organizationId: string;
  labOrganizationId: string;
  checkpointId: string;
  checkpointName: string;
  familyId: string;
  baseCheckpointId: string;
  /** Of the terms in UTF-8, hexadecimal. */
  termsSha256: string;
  /** Counts the texts that the terms have had, from 1. */
  termsVersion: number;
  state: ListingState;
  createdAt: Date;
  submittedAt: Date | null;
  listedAt: Date | null;
  endedAt: Date | null;
  /** Why the lab took it down. */
  endReason: string | null;
}

export type ListingVerdict = 'approved' | 'rejected';

/** What the lab decided, between it and the publisher. */
export interface ListingReview {
  listingId: string;
  /** Of one listing, from 1. */
  number: number;
  verdict: ListingVerdict;
  /** Of a rejection. */
  reason: string | null;
  /** What the publisher gets of what its use by others comes to, in hundredths of a percent; of an approval. */
  publisherShareBasisPoints: number | null;
  /** The version of the licence that allowed it; of an approval. */
  licenseId: string | null;
  termsSha256: string;
  reviewedBy: string;
  reviewedAt: Date;
}

/** How much of an organization hangs on a listing: numbers, never names. */
export interface ListingImpact {
  organizationId: string;
  /** Of what kind: `calls`, `deployments`, `fine_tunes`. */
  what: string;
  count: number;
}
