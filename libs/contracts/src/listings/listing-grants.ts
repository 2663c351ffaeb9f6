import type { DomainError } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { Entitlement, EntitlementAction } from '../entitlement.js';
import { LISTING_ERRORS } from './listing.errors.js';

interface OfferedRow {
  id: string;
  title: string;
  publisherId: string;
  checkpointId: string;
  actions: EntitlementAction[];
  listedAt: Date;
  endedAt: Date | null;
  endReason: string | null;
}

const COLUMNS = `l.id, l.title, l.organization_id AS "publisherId", l.checkpoint_id AS "checkpointId", l.actions,
  l.listed_at AS "listedAt", l.ended_at AS "endedAt", l.end_reason AS "endReason"`;

/** What the scope's organization was offered of these variants, as the grants that it comes to, those that ended too. */
export async function grantsOfListings(tx: Transaction, checkpointIds: readonly string[]): Promise<Entitlement[]> {
  if (checkpointIds.length === 0) return [];
  const rows = await tx.query<OfferedRow>(
    `SELECT ${COLUMNS} FROM offered_listings l
     WHERE l.checkpoint_id = ANY($1) AND l.organization_id <> :organization ORDER BY l.id`,
    [[...checkpointIds]],
  );
  return rows.map((row) => ({
    id: row.id,
    organizationId: tx.scope.organizationId,
    grantorOrganizationId: row.publisherId,
    familyId: null,
    checkpointId: row.checkpointId,
    subjectId: row.checkpointId,
    actions: row.actions,
    clause: `the listing ${row.id}, ${row.title}`,
    validFrom: row.listedAt,
    validTo: null,
    createdAt: row.listedAt,
    revokedAt: row.endedAt,
    revocationReason: row.endReason,
  }));
}

/** Why a variant that was offered to the scope's organization is not there any more; null for what never was. */
export async function listingEnded(tx: Transaction, model: string): Promise<DomainError | null> {
  const row = await tx.one<OfferedRow>(
    `SELECT ${COLUMNS} FROM offered_listings l
     WHERE (l.checkpoint_id = $1 OR l.checkpoint_name = $1) AND l.ended_at IS NOT NULL AND l.organization_id <> :organization
     ORDER BY l.ended_at DESC LIMIT 1`,
    [model],
  );
  if (!row?.endedAt) return null;
  const { id, title, endedAt, endReason } = row;
  return LISTING_ERRORS.LISTING_ENDED({ model, id, title, endedAt: endedAt.toISOString(), reason: endReason });
}
