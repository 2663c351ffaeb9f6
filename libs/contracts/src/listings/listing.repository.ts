import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import type { ListingPrices } from '../pricing/listing-rules.js';
import type {
  Listing,
  ListingAudience,
  ListingImpact,
  ListingMeter,
  ListingOffer,
  ListingPrice,
  ListingReview,
  ListingState,
} from './listing.js';

interface ListingRow {
  id: string;
  organization_id: string;
  lab_organization_id: string;
  checkpoint_id: string;
  checkpoint_name: string;
  family_id: string;
  base_checkpoint_id: string;
  title: string;
  summary: string;
  audience: ListingAudience;
  currency: Currency;
  prices: PriceJson[];
  allows_fine_tuning: boolean;
  terms: string;
  terms_sha256: string;
  terms_version: number;
  state: ListingState;
  created_at: Date;
  submitted_at: Date | null;
  listed_at: Date | null;
  ended_at: Date | null;
  end_reason: string | null;
}

/** Amounts of more digits than a JSON number keeps. */
interface PriceJson {
  meter: ListingMeter;
  priceNanos: string;
  perUnits: string;
}

const IS_OFFERED = `(l.audience = 'all_partners' OR EXISTS (
  SELECT 1 FROM listing_audiences a WHERE a.listing_id = l.id AND a.organization_id = :organization))`;

/** Of the publisher and of the lab; for another partner what was listed for it. */
const SEEN = `(:organization IN (l.organization_id, l.lab_organization_id) OR l.listed_at IS NOT NULL AND ${IS_OFFERED})`;

/** Whose listings are asked for, and on which side one stands. */
export type ListingView = 'offered' | 'own' | 'of_lab';

const OF_VIEW: Record<ListingView, string> = {
  offered: `l.state = 'listed' AND :organization NOT IN (l.organization_id, l.lab_organization_id) AND ${IS_OFFERED}`,
  own: 'l.organization_id = :organization',
  of_lab: 'l.lab_organization_id = :organization',
};

export async function findListings(tx: Transaction, ids: readonly string[]): Promise<Listing[]> {
  const rows = await tx.query<ListingRow>(`SELECT l.* FROM listings l WHERE l.id = ANY($1) AND ${SEEN}`, [[...ids]]);
  return rows.map(toListing);
}

/** Of two who decide at once the second finds what the first did; null for whom it does not concern. */
export async function lockListing(tx: Transaction, id: string): Promise<Listing | null> {
  const row = await tx.one<ListingRow>(
    'SELECT l.* FROM listings l WHERE l.id = $1 AND :organization IN (l.organization_id, l.lab_organization_id) FOR UPDATE',
    [id],
  );
  return row && toListing(row);
}

/** Own ones that were made before and can still come to something. */
export async function openListingsBefore(tx: Transaction, before: Date, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT l.id FROM listings l WHERE l.organization_id = :organization AND l.created_at < $1
       AND l.state NOT IN ('withdrawn', 'taken_down') ORDER BY l.id LIMIT $2`,
    [before, limit],
  );
  return rows.map(({ id }) => id);
}

/** Of an own checkpoint those that the lab looks at, or that offer it to others. */
export async function openListingsOf(tx: Transaction, checkpointId: string): Promise<Listing[]> {
  const rows = await tx.query<ListingRow>(
    `SELECT l.* FROM listings l WHERE l.checkpoint_id = $1 AND l.organization_id = :organization
       AND l.state IN ('in_review', 'listed') ORDER BY l.id`,
    [checkpointId],
  );
  return rows.map(toListing);
}

/** The one by which a checkpoint is listed now. */
export async function listingOf(tx: Transaction, checkpointId: string): Promise<Listing | null> {
  const row = await tx.one<ListingRow>(
    `SELECT l.* FROM listings l WHERE l.checkpoint_id = $1 AND l.state = 'listed' AND ${SEEN}`,
    [checkpointId],
  );
  return row && toListing(row);
}

/** One transaction at a time lists a variant: of two at once the later one has to see the other. */
export async function holdOffersOf(tx: Transaction, checkpointId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('listing:' || $1, 0))`, [checkpointId]);
}

/** What those of these listings that were ever listed cost; of all that the scope sees. */
export async function pricesOfListings(tx: Transaction, ids: readonly string[] | 'all'): Promise<ListingPrices[]> {
  if (ids.length === 0) return [];
  const rows = await tx.query<Pick<ListingRow, 'id' | 'currency' | 'prices'>>(
    `SELECT l.id, l.currency, l.prices FROM listings l
     WHERE ($1 OR l.id = ANY($2)) AND l.listed_at IS NOT NULL AND ${SEEN} ORDER BY l.id`,
    [ids === 'all', ids === 'all' ? [] : [...ids]],
  );
  return rows.map(({ id, currency, prices }) => ({ id, currency, prices: prices.map(toPrice) }));
}

/** By which of these checkpoints are listed for the scope's organization now. */
export async function listingIdsOf(
  tx: Transaction,
  checkpointIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (checkpointIds.length === 0) return new Map();
  const rows = await tx.query<{ id: string; checkpoint_id: string }>(
    `SELECT l.id, l.checkpoint_id FROM listings l WHERE l.checkpoint_id = ANY($1) AND ${OF_VIEW.offered}`,
    [[...checkpointIds]],
  );
  return new Map(rows.map(({ id, checkpoint_id }) => [checkpoint_id, id]));
}

export function listListings(
  tx: Transaction,
  { view, state }: { view: ListingView; state?: ListingState },
  args: ConnectionArgs,
) {
  return paginate<ListingRow, Listing>(tx, {
    from: 'listings l',
    columns: 'l.*',
    where: [OF_VIEW[view], '($1::text IS NULL OR l.state = $1)'],
    parameters: [state ?? null],
    orderBy: [
      { column: 'l.created_at', type: 'timestamptz' },
      { column: 'l.id', type: 'text' },
    ],
    args,
    map: toListing,
  });
}

export async function insertListing(tx: Transaction, listing: Listing): Promise<void> {
  await tx.query(
    `INSERT INTO listings (id, organization_id, lab_organization_id, checkpoint_id, family_id, base_checkpoint_id, title, summary,
       audience, currency, prices, allows_fine_tuning, terms, terms_sha256, terms_version, state, created_by, created_at, checkpoint_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    [
      ...[listing.id, listing.organizationId, listing.labOrganizationId, listing.checkpointId, listing.familyId],
      ...[listing.baseCheckpointId, listing.title, listing.summary, listing.audience, listing.currency],
      ...[pricesJson(listing.prices), listing.allowsFineTuning, listing.terms, listing.termsSha256],
      ...[listing.termsVersion, listing.state, tx.scope.actor.id, listing.createdAt],
      listing.checkpointName,
    ],
  );
}

/** As a draft. */
export async function updateOffer(
  tx: Transaction,
  id: string,
  offer: ListingOffer & Pick<Listing, 'termsSha256' | 'termsVersion'>,
): Promise<void> {
  await tx.query(
    `UPDATE listings SET title = $2, summary = $3, audience = $4, currency = $5, prices = $6, allows_fine_tuning = $7, terms = $8,
       terms_sha256 = $9, terms_version = $10, state = 'draft'
     WHERE id = $1 AND organization_id = :organization`,
    [
      ...[id, offer.title, offer.summary, offer.audience, offer.currency, pricesJson(offer.prices)],
      ...[offer.allowsFineTuning, offer.terms, offer.termsSha256, offer.termsVersion],
    ],
  );
}

/** Of a draft. */
export async function replaceAudience(
  tx: Transaction,
  { id, labOrganizationId }: Pick<Listing, 'id' | 'labOrganizationId'>,
  organizationIds: readonly string[],
): Promise<void> {
  await tx.query('DELETE FROM listing_audiences WHERE listing_id = $1 AND grantor_organization_id = :organization', [
    id,
  ]);
  await tx.query(
    `INSERT INTO listing_audiences (listing_id, organization_id, grantor_organization_id, lab_organization_id)
     SELECT $1, named, :organization, $2 FROM unnest($3::text[]) named`,
    [id, labOrganizationId, [...organizationIds]],
  );
}

/** Whom each of these listings names; for one who is named, itself alone. */
export async function audiencesOf(
  tx: Transaction,
  listingIds: readonly string[],
): Promise<ReadonlyMap<string, string[]>> {
  const rows = await tx.query<{ listing_id: string; organization_id: string }>(
    `SELECT a.listing_id, a.organization_id FROM listing_audiences a WHERE a.listing_id = ANY($1)
       AND :organization IN (a.organization_id, a.grantor_organization_id, a.lab_organization_id)
     ORDER BY a.organization_id`,
    [[...listingIds]],
  );
  const byListing = Map.groupBy(rows, ({ listing_id }) => listing_id);
  return new Map([...byListing].map(([id, named]) => [id, named.map(({ organization_id }) => organization_id)]));
}

export async function markSubmitted(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE listings SET state = 'in_review', submitted_at = $2 WHERE id = $1 AND organization_id = :organization`,
    [id, at],
  );
}

export async function insertReview(tx: Transaction, listing: Listing, review: Omit<ListingReview, 'number'>) {
  await tx.query(
    `INSERT INTO listing_reviews (listing_id, number, organization_id, lab_organization_id, verdict, reason,
       publisher_share_basis_points, license_id, terms_sha256, reviewed_by, reviewed_at)
     SELECT $1, 1 + coalesce(max(r.number), 0), $2, :organization, $3, $4, $5, $6, $7, $8, $9
     FROM listing_reviews r WHERE r.listing_id = $1 AND r.lab_organization_id = :organization`,
    [
      ...[listing.id, listing.organizationId, review.verdict, review.reason, review.publisherShareBasisPoints],
      ...[review.licenseId, review.termsSha256, review.reviewedBy, review.reviewedAt],
    ],
  );
}

/** Of each of these listings, from the first to the last; for its publisher and the lab. */
export async function reviewsOf(
  tx: Transaction,
  listingIds: readonly string[],
): Promise<ReadonlyMap<string, ListingReview[]>> {
  const rows = await tx.query<ListingReview>(
    `SELECT r.listing_id AS "listingId", r.number, r.verdict, r.reason, r.license_id AS "licenseId",
            r.publisher_share_basis_points AS "publisherShareBasisPoints", r.terms_sha256 AS "termsSha256",
            r.reviewed_by AS "reviewedBy", r.reviewed_at AS "reviewedAt"
     FROM listing_reviews r
     WHERE r.listing_id = ANY($1) AND :organization IN (r.organization_id, r.lab_organization_id) ORDER BY r.number`,
    [[...listingIds]],
  );
  return Map.groupBy(rows, ({ listingId }) => listingId);
}

/** The publisher of each of these listings, for whom they were listed. */
export async function publishersOf(
  tx: Transaction,
  listingIds: readonly string[],
): Promise<Array<{ listingId: string; publisherId: string }>> {
  return tx.query(
    `SELECT l.id AS "listingId", l.organization_id AS "publisherId" FROM listings l WHERE l.id = ANY($1) AND ${SEEN} ORDER BY l.id`,
    [[...listingIds]],
  );
}

/** What of its use by others a listing was approved to earn, in hundredths of a percent; for its publisher and the lab. */
export async function publisherShareOf(tx: Transaction, listingId: string): Promise<number> {
  const reviews = (await reviewsOf(tx, [listingId])).get(listingId) ?? [];
  const approval = reviews.find(({ verdict }) => verdict === 'approved');
  if (approval?.publisherShareBasisPoints == null) throw new Error(`the listing ${listingId} was never approved`);
  return approval.publisherShareBasisPoints;
}

export async function markReviewed(tx: Transaction, id: string, to: { state: 'listed' | 'rejected'; at: Date }) {
  await tx.query(
    `UPDATE listings SET state = $2, listed_at = CASE $2 WHEN 'listed' THEN $3::timestamptz END
     WHERE id = $1 AND lab_organization_id = :organization`,
    [id, to.state, to.at],
  );
}

export async function markListingEnded(
  tx: Transaction,
  id: string,
  end: { state: 'withdrawn' | 'taken_down'; at: Date; reason: string | null },
): Promise<void> {
  await tx.query(
    `UPDATE listings SET state = $2, ended_by = $3, ended_at = $4, end_reason = $5
     WHERE id = $1 AND :organization IN (organization_id, lab_organization_id)`,
    [id, end.state, tx.scope.actor.id, end.at, end.reason],
  );
}

/** For the lab: what other organizations have of a listing. */
export async function impactOf(tx: Transaction, listingId: string): Promise<ListingImpact[]> {
  return tx.query<ListingImpact>(
    'SELECT i.organization_id AS "organizationId", i.what, i.count FROM listing_impact($1) i',
    [listingId],
  );
}

function pricesJson(prices: readonly ListingPrice[]): string {
  const json: PriceJson[] = prices.map(({ meter, priceNanos, perUnits }) => ({
    meter,
    priceNanos: priceNanos.toString(),
    perUnits: perUnits.toString(),
  }));
  return JSON.stringify(json);
}

function toPrice({ meter, priceNanos, perUnits }: PriceJson): ListingPrice {
  return { meter, priceNanos: BigInt(priceNanos), perUnits: BigInt(perUnits) };
}

function toListing(row: ListingRow): Listing {
  return {
    id: row.id,
    organizationId: row.organization_id,
    labOrganizationId: row.lab_organization_id,
    checkpointId: row.checkpoint_id,
    checkpointName: row.checkpoint_name,
    familyId: row.family_id,
    baseCheckpointId: row.base_checkpoint_id,
    title: row.title,
    summary: row.summary,
    audience: row.audience,
    currency: row.currency,
    prices: row.prices.map(toPrice),
    allowsFineTuning: row.allows_fine_tuning,
    terms: row.terms,
    termsSha256: row.terms_sha256,
    termsVersion: row.terms_version,
    state: row.state,
    createdAt: row.created_at,
    submittedAt: row.submitted_at,
    listedAt: row.listed_at,
    endedAt: row.ended_at,
    endReason: row.end_reason,
  };
}
