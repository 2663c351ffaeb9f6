import type { Transaction } from '#platform/database';
import { type ConnectionArgs, type PageQuery, paginate } from '#platform/graphql';
import type { Entitlement, EntitlementAction } from './entitlement.js';

interface EntitlementRow {
  id: string;
  organization_id: string;
  grantor_organization_id: string;
  family_id: string | null;
  checkpoint_id: string | null;
  actions: EntitlementAction[];
  clause: string;
  valid_from: Date;
  valid_to: Date | null;
  created_at: Date;
  revoked_at: Date | null;
  revocation_reason: string | null;
}

/** What was granted to the organization, and what it has granted. */
const SEEN = '(e.organization_id = :organization OR e.grantor_organization_id = :organization)';

function toEntitlement(row: EntitlementRow): Entitlement {
  return {
    id: row.id,
    organizationId: row.organization_id,
    grantorOrganizationId: row.grantor_organization_id,
    familyId: row.family_id,
    checkpointId: row.checkpoint_id,
    subjectId: (row.checkpoint_id ?? row.family_id) as string,
    actions: row.actions,
    clause: row.clause,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
    revocationReason: row.revocation_reason,
  };
}

export async function insertEntitlement(
  tx: Transaction,
  entitlement: Omit<Entitlement, 'subjectId' | 'revokedAt' | 'revocationReason'> & {
    subjectFamilyId: string;
    grantedBy: string;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO entitlements (id, organization_id, grantor_organization_id, family_id, checkpoint_id, subject_family_id, actions,
                               clause, valid_from, valid_to, granted_by, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      entitlement.id,
      entitlement.organizationId,
      entitlement.grantorOrganizationId,
      entitlement.familyId,
      entitlement.checkpointId,
      entitlement.subjectFamilyId,
      entitlement.actions,
      entitlement.clause,
      entitlement.validFrom,
      entitlement.validTo,
      entitlement.grantedBy,
      entitlement.createdAt,
    ],
  );
}

export async function findEntitlements(tx: Transaction, ids: readonly string[]): Promise<Entitlement[]> {
  const rows = await tx.query<EntitlementRow>(`SELECT e.* FROM entitlements e WHERE e.id = ANY($1) AND ${SEEN}`, [
    [...ids],
  ]);
  return rows.map(toEntitlement);
}

/** Of two who revoke at once, one does; false for the other. */
export async function markRevoked(
  tx: Transaction,
  id: string,
  revocation: { at: Date; by: string; reason: string },
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE entitlements SET revoked_at = $2, revoked_by = $3, revocation_reason = $4
     WHERE id = $1 AND grantor_organization_id = :organization AND revoked_at IS NULL RETURNING id`,
    [id, revocation.at, revocation.by, revocation.reason],
  );
  return rows.length > 0;
}

/** All grants to the organization that touch these families, in force or not: decisions tell why something is refused. */
export async function entitlementsOfGrantee(tx: Transaction, familyIds: readonly string[]): Promise<Entitlement[]> {
  const rows = await tx.query<EntitlementRow>(
    `SELECT * FROM entitlements WHERE organization_id = :organization AND subject_family_id = ANY($1) ORDER BY id`,
    [[...familyIds]],
  );
  return rows.map(toEntitlement);
}

export interface EntitlementFilter {
  organizationId?: string;
  familyId?: string;
  /** Only those in force at this time. */
  inForceAt?: Date;
}

/** What the caller was granted; for a lab, what it granted. */
export function listEntitlements(tx: Transaction, filter: EntitlementFilter, args: ConnectionArgs) {
  const parameters: unknown[] = [];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const where = [SEEN];
  if (filter.organizationId) where.push(`e.organization_id = ${bind(filter.organizationId)}`);
  if (filter.familyId) where.push(`e.subject_family_id = ${bind(filter.familyId)}`);
  if (filter.inForceAt) {
    const at = `${bind(filter.inForceAt)}::timestamptz`;
    where.push(`e.revoked_at IS NULL AND e.valid_from <= ${at} AND (e.valid_to IS NULL OR ${at} < e.valid_to)`);
  }
  const query: PageQuery<EntitlementRow, Entitlement> = {
    from: 'entitlements e',
    columns: 'e.*',
    where,
    parameters,
    orderBy: [
      { column: 'e.created_at', type: 'timestamptz' },
      { column: 'e.id', type: 'text' },
    ],
    args,
    map: toEntitlement,
  };
  return paginate(tx, query);
}
