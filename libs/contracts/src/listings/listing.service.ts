import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId, sha256Hex } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { EntitlementSubjects, type OfferableVariant } from '../entitlement-subjects.js';
import { LISTING_ERRORS } from './listing.errors.js';
import { type Listing, type ListingOffer, type ListingState, listingStates } from './listing.js';
import {
  findListings,
  insertListing,
  lockListing,
  markListingEnded,
  markSubmitted,
  replaceAudience,
  updateOffer,
} from './listing.repository.js';
import { assertOfferable } from './offering-license.js';

/** An offer with those whom it names; null: all partners. */
export type OfferInput = Omit<ListingOffer, 'audience'> & { organizationIds: readonly string[] | null };

/** What is not to be changed is left out. */
export type ListingRevision = { listingId: string } & Partial<OfferInput>;

/** The most organizations that a listing names. */
export const MOST_NAMED = 100;

/** PostgreSQL's codes for a reference to what is not there, and for a check that does not hold. */
const [FOREIGN_KEY_VIOLATION, CHECK_VIOLATION] = ['23503', '23514'];

/** What a publisher does with its listings. */
@Injectable()
export class ListingService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly subjects: EntitlementSubjects,
  ) {}

  /** A draft that offers a variant of the scope's organization; gives its id. */
  async create(tx: Transaction, { checkpointId, ...offer }: OfferInput & { checkpointId: string }): Promise<string> {
    const variant = await this.variantOf(tx, checkpointId);
    assertOffer(offer);
    const listing: Listing = {
      ...{ id: newId('lst'), organizationId: tx.scope.organizationId, labOrganizationId: variant.labOrganizationId },
      ...{
        checkpointId: variant.id,
        checkpointName: variant.name,
        familyId: variant.familyId,
        baseCheckpointId: variant.baseCheckpointId,
      },
      ...{ ...offer, audience: audienceOf(offer), termsSha256: sha256Hex(offer.terms), termsVersion: 1 },
      ...{ state: 'draft', createdAt: this.clock.now() },
      ...{ submittedAt: null, listedAt: null, endedAt: null, endReason: null },
    };
    await insertListing(tx, listing);
    await nameAudience(tx, listing, offer.organizationIds);
    return listing.id;
  }

  /** Changes what is given of a draft, or of a rejected one, which becomes a draft. */
  async revise(tx: Transaction, { listingId, organizationIds, ...changed }: ListingRevision): Promise<void> {
    const listing = await holdOwn(tx, listingId);
    if (listing.state !== 'draft' && listing.state !== 'rejected')
      throw LISTING_ERRORS.LISTING_NOT_EDITABLE({ id: listingId, state: listing.state }, { path: ['listingId'] });
    const audience = organizationIds === undefined ? listing.audience : audienceOf({ organizationIds });
    const offer = { ...listing, ...changed, audience };
    assertOffer({ ...offer, organizationIds: organizationIds ?? null });
    const termsVersion = listing.termsVersion + (offer.terms === listing.terms ? 0 : 1);
    await updateOffer(tx, listingId, { ...offer, termsSha256: sha256Hex(offer.terms), termsVersion });
    if (organizationIds !== undefined) await nameAudience(tx, listing, organizationIds);
  }

  /** Hands a draft to the lab; refused where the licence of the base does not allow it. */
  async submit(tx: Transaction, listingId: string): Promise<void> {
    const listing = await holdOwn(tx, listingId);
    assertBecomes(listing, 'in_review');
    const now = this.clock.now();
    await assertOfferable(tx, await this.variantOf(tx, listing.checkpointId), now);
    await markSubmitted(tx, listingId, now);
  }

  /** Ends it, in whatever state it is: nothing new begins by it from now on. */
  async withdraw(tx: Transaction, listingId: string): Promise<void> {
    const listing = await holdOwn(tx, listingId);
    assertBecomes(listing, 'withdrawn');
    await markListingEnded(tx, listingId, { state: 'withdrawn', at: this.clock.now(), reason: null });
  }

  private async variantOf(tx: Transaction, checkpointId: string): Promise<OfferableVariant> {
    const variant = await this.subjects.variantOf(tx, checkpointId);
    if (variant?.organizationId === tx.scope.organizationId) return variant;
    throw LISTING_ERRORS.LISTING_VARIANT_NOT_FOUND({ id: checkpointId }, { path: ['checkpointId'] });
  }
}

const ACTION_OF: Record<ListingState, string> = {
  draft: 'worked on',
  in_review: 'submitted',
  listed: 'approved',
  rejected: 'rejected',
  withdrawn: 'withdrawn',
  taken_down: 'taken down',
};

export function assertBecomes({ id, state }: Listing, to: ListingState): void {
  if (listingStates.can(state, to)) return;
  throw LISTING_ERRORS.LISTING_STATE({ id, state, action: ACTION_OF[to] }, { path: ['listingId'] });
}

/** The own one, which nobody else changes until the transaction ends. */
async function holdOwn(tx: Transaction, id: string): Promise<Listing> {
  // Whom it is not of, but offered to, sees it and may not lock it.
  const [seen] = await findListings(tx, [id]);
  const listing = seen?.organizationId === tx.scope.organizationId ? await lockListing(tx, id) : null;
  if (!listing) throw LISTING_ERRORS.LISTING_NOT_FOUND({ id }, { path: ['listingId'] });
  return listing;
}

function audienceOf({ organizationIds }: Pick<OfferInput, 'organizationIds'>) {
  return organizationIds === null ? 'all_partners' : 'named';
}

function assertOffer({ prices, organizationIds }: Pick<OfferInput, 'prices' | 'organizationIds'>): void {
  const meters = new Set(prices.map(({ meter }) => meter));
  const invalid = (problem: string) => LISTING_ERRORS.LISTING_PRICES_INVALID({ problem }, { path: ['prices'] });
  if (meters.size < prices.length) throw invalid('give one price for each meter');
  for (const meter of ['input_tokens', 'output_tokens'] as const)
    if (!meters.has(meter)) throw invalid(`there is none for ${meter}, and nothing is free by accident`);
  for (const { priceNanos, perUnits } of prices)
    if (priceNanos < 0n || perUnits < 1n) throw invalid('priceNanos is at least 0, perUnits at least 1');
  if (organizationIds?.length === 0)
    throw audienceInvalid('name at least one organization, or leave organizationIds out for all partners');
}

/** Which organizations there are is not a partner's to see: that the named ones exist is left to the foreign key. */
async function nameAudience(tx: Transaction, listing: Listing, organizationIds: readonly string[] | null) {
  try {
    await replaceAudience(tx, listing, [...new Set(organizationIds ?? [])]);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === FOREIGN_KEY_VIOLATION)
      throw audienceInvalid('one of the organizations does not exist: ask it for its id, org_...');
    if (code === CHECK_VIOLATION) throw audienceInvalid('it names your own organization or the lab');
    throw error;
  }
}

function audienceInvalid(problem: string): Error {
  return LISTING_ERRORS.LISTING_AUDIENCE_INVALID({ problem }, { path: ['organizationIds'] });
}
