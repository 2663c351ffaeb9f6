import type { Contract } from '#libs/contracts';
import type { Meter } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import type { CreditGrant, Recurrence } from './credit-grant.js';

interface CreditGrantRow {
  id: string;
  organization_id: string;
  contract_id: string;
  reason: string;
  amount_minor: string;
  effective_at: Date;
  expires_at: Date | null;
  priority: number;
  recurrence: Recurrence;
  rollover_minor: string;
  meters: Meter[] | null;
  project_ids: string[] | null;
  granted_by: string;
  granted_at: Date;
  voided_by: string | null;
  voided_at: Date | null;
  void_reason: string | null;
}

/** Those of the own contracts, of either side. */
const SEEN = '(g.organization_id = :organization OR g.lab_organization_id = :organization)';

export async function insertCreditGrant(tx: Transaction, contract: Contract, grant: CreditGrant): Promise<void> {
  await tx.query(
    `INSERT INTO credit_grants (id, organization_id, lab_organization_id, contract_id, reason, amount_minor, effective_at,
       expires_at, priority, recurrence, rollover_minor, meters, project_ids, granted_by, granted_at)
     VALUES ($1, $2, :organization, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      grant.id,
      contract.organizationId,
      contract.id,
      grant.reason,
      grant.amountMinor.toString(),
      grant.effectiveAt,
      grant.expiresAt,
      grant.priority,
      grant.recurrence,
      grant.rolloverMinor.toString(),
      grant.meters,
      grant.projectIds,
      grant.grantedBy,
      grant.grantedAt,
    ],
  );
}

export async function markVoided(tx: Transaction, id: string, { at, reason }: { at: Date; reason: string }) {
  await tx.query(
    `UPDATE credit_grants SET voided_by = $2, voided_at = $3, void_reason = $4
     WHERE id = $1 AND lab_organization_id = :organization`,
    [id, tx.scope.actor.id, at, reason],
  );
}

export async function findCreditGrants(tx: Transaction, ids: readonly string[]): Promise<CreditGrant[]> {
  const rows = await tx.query<CreditGrantRow>(`SELECT g.* FROM credit_grants g WHERE g.id = ANY($1) AND ${SEEN}`, [
    [...ids],
  ]);
  return rows.map(toCreditGrant);
}

/** All that were ever granted under a contract. */
export async function creditGrantsOf(tx: Transaction, contractId: string): Promise<CreditGrant[]> {
  const rows = await tx.query<CreditGrantRow>(
    `SELECT g.* FROM credit_grants g WHERE g.contract_id = $1 AND ${SEEN} ORDER BY g.id`,
    [contractId],
  );
  return rows.map(toCreditGrant);
}

export function listCreditGrants(tx: Transaction, { contractId }: { contractId?: string }, args: ConnectionArgs) {
  return paginate<CreditGrantRow, CreditGrant>(tx, {
    from: 'credit_grants g',
    columns: 'g.*',
    where: [SEEN, '($1::text IS NULL OR g.contract_id = $1)'],
    parameters: [contractId ?? null],
    orderBy: [
      { column: 'g.granted_at', type: 'timestamptz' },
      { column: 'g.id', type: 'text' },
    ],
    args,
    map: toCreditGrant,
  });
}

function toCreditGrant(row: CreditGrantRow): CreditGrant {
  return {
    id: row.id,
    organizationId: row.organization_id,
    contractId: row.contract_id,
    reason: row.reason,
    amountMinor: BigInt(row.amount_minor),
    effectiveAt: row.effective_at,
    expiresAt: row.expires_at,
    priority: row.priority,
    recurrence: row.recurrence,
    rolloverMinor: BigInt(row.rollover_minor),
    meters: row.meters,
    projectIds: row.project_ids,
    grantedBy: row.granted_by,
    grantedAt: row.granted_at,
    voidedBy: row.voided_by,
    voidedAt: row.voided_at,
    voidReason: row.void_reason,
  };
}
