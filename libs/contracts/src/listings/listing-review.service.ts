import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { EntitlementSubjects } from '../entitlement-subjects.js';
import { LISTING_ERRORS } from './listing.errors.js';
import type { Listing, ListingImpact, ListingState } from './listing.js';
import {
  findListings,
  holdOffersOf,
  impactOf,
  insertReview,
  listingOf,
  lockListing,
  markListingEnded,
  markReviewed,
} from './listing.repository.js';
import { assertBecomes } from './listing.service.js';
import { assertOfferable } from './offering-license.js';

export interface Approval {
  listingId: string;
  /** Of the terms that were read. */
  termsSha256: string;
  /** What the publisher gets of what its use by others comes to, in hundredths of a percent. */
  publisherShareBasisPoints: number;
}

/** What the lab does with the listings of its partners. The eyes are four: who submits is of the publisher, who reviews of the lab. */
@Injectable()
export class ListingReviewService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly subjects: EntitlementSubjects,
  ) {}

  /** From now on whom it is for may use it. The licence is asked again: another version may have come into force meanwhile. */
  async approve(tx: Transaction, { listingId, termsSha256, publisherShareBasisPoints }: Approval): Promise<void> {
    const listing = await holdToReview(tx, listingId, 'listed');
    if (listing.termsSha256 !== termsSha256) {
      const current = { id: listingId, sha256: listing.termsSha256 };
      throw LISTING_ERRORS.LISTING_TERMS_CHANGED(current, { path: ['termsSha256'] });
    }
    const now = this.clock.now();
    const variant = await this.subjects.variantOf(tx, listing.checkpointId);
    if (!variant) throw LISTING_ERRORS.LISTING_VARIANT_NOT_FOUND({ id: listing.checkpointId }, { path: ['listingId'] });
    const { id: licenseId } = await assertOfferable(tx, variant, now);
    await assertOnlyListing(tx, listing);
    const verdict = { verdict: 'approved', reason: null, publisherShareBasisPoints, licenseId } as const;
    await insertReview(tx, listing, { ...verdict, ...by(tx, listing, now) });
    await markReviewed(tx, listingId, { state: 'listed', at: now });
  }

  /** Back to its publisher, with the reason. */
  async reject(tx: Transaction, { listingId, reason }: { listingId: string; reason: string }): Promise<void> {
    const listing = await holdToReview(tx, listingId, 'rejected');
    const now = this.clock.now();
    const verdict = { verdict: 'rejected', reason, publisherShareBasisPoints: null, licenseId: null } as const;
    await insertReview(tx, listing, { ...verdict, ...by(tx, listing, now) });
    await markReviewed(tx, listingId, { state: 'rejected', at: now });
  }

  /** Ends what is listed; gives what of other organizations hangs on it. */
  async takeDown(
    tx: Transaction,
    { listingId, reason }: { listingId: string; reason: string },
  ): Promise<ListingImpact[]> {
    await holdToReview(tx, listingId, 'taken_down');
    await markListingEnded(tx, listingId, { state: 'taken_down', at: this.clock.now(), reason });
    return impactOf(tx, listingId);
  }

  /** The same without taking it down. */
  async impact(tx: Transaction, listingId: string): Promise<ListingImpact[]> {
    const [listing] = await findListings(tx, [listingId]);
    if (listing?.labOrganizationId !== tx.scope.organizationId) throw notFound(listingId);
    return impactOf(tx, listingId);
  }
}

async function holdToReview(tx: Transaction, id: string, to: ListingState): Promise<Listing> {
  const listing = await lockListing(tx, id);
  if (listing?.labOrganizationId !== tx.scope.organizationId) throw notFound(id);
  assertBecomes(listing, to);
  return listing;
}

/** What a use costs is the price of one listing. */
async function assertOnlyListing(tx: Transaction, { checkpointId }: Listing): Promise<void> {
  await holdOffersOf(tx, checkpointId);
  const other = await listingOf(tx, checkpointId);
  if (other)
    throw LISTING_ERRORS.LISTING_CHECKPOINT_LISTED({ checkpointId, listingId: other.id }, { path: ['listingId'] });
}

function by(tx: Transaction, { id: listingId, termsSha256 }: Listing, reviewedAt: Date) {
  return { listingId, termsSha256, reviewedBy: tx.scope.actor.id, reviewedAt };
}

function notFound(id: string): Error {
  return LISTING_ERRORS.LISTING_NOT_FOUND({ id }, { path: ['listingId'] });
}
