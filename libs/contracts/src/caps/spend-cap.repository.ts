import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import type { ContractSide } from '../contract/contract.js';
import type { SpendCap, SpendCapPeriod, SpendCapSubject } from './spend-cap.js';

interface SpendCapRow {
  id: string;
  organization_id: string;
  project_id: string | null;
  api_key_id: string | null;
  limit_nanos: string;
  currency: Currency;
  period: SpendCapPeriod;
  is_hard: boolean;
  alert_percents: number[];
  side: ContractSide;
  contract_id: string | null;
  clause: string | null;
  replaces_id: string | null;
  created_by: string;
  created_at: Date;
  ended_by: string | null;
  ended_at: Date | null;
}

/** The own, or those of any partner for the lab; who is confined to projects sees the caps of these alone. */
const SEEN = `(c.organization_id = :organization OR (SELECT app_scope_kind()) = 'lab')
  AND (:projects::text[] IS NULL OR c.project_id = ANY(:projects))`;

/** By what a cap is found again when it is set anew. */
export type SpendCapKey = SpendCapSubject & Pick<SpendCap, 'organizationId' | 'period' | 'currency' | 'side'>;

/** The cap in force of one side on a subject, whoever of the two asks. */
export async function findInForce(tx: Transaction, key: SpendCapKey): Promise<SpendCap | null> {
  const row = await tx.one<SpendCapRow>(
    `SELECT c.* FROM spend_caps c
     WHERE c.organization_id = $1 AND c.project_id IS NOT DISTINCT FROM $2 AND c.api_key_id IS NOT DISTINCT FROM $3
       AND c.period = $4 AND c.currency = $5 AND c.side = $6 AND c.ended_at IS NULL`,
    [key.organizationId, key.projectId, key.apiKeyId, key.period, key.currency, key.side],
  );
  return row && toSpendCap(row);
}

/** All that bound the scope's organization now, by id. */
export async function capsInForce(tx: Transaction): Promise<SpendCap[]> {
  const rows = await tx.query<SpendCapRow>(
    'SELECT c.* FROM spend_caps c WHERE c.organization_id = :organization AND c.ended_at IS NULL ORDER BY c.id',
  );
  return rows.map(toSpendCap);
}

export async function insertCap(tx: Transaction, cap: SpendCap): Promise<void> {
  await tx.query(
    `INSERT INTO spend_caps (id, organization_id, project_id, api_key_id, limit_nanos, currency, period, is_hard, alert_percents,
       side, lab_organization_id, contract_id, clause, replaces_id, created_by, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      cap.id,
      cap.organizationId,
      cap.projectId,
      cap.apiKeyId,
      cap.limitNanos.toString(),
      cap.currency,
      cap.period,
      cap.isHard,
      cap.alertPercents,
      cap.side,
      cap.side === 'lab' ? tx.scope.organizationId : null,
      cap.contractId,
      cap.clause,
      cap.replacesId,
      cap.createdBy,
      cap.createdAt,
    ],
  );
}

export async function markEnded(tx: Transaction, cap: SpendCap, at: Date): Promise<void> {
  await tx.query(`UPDATE spend_caps SET ended_by = $2, ended_at = $3 WHERE id = $1 AND organization_id = $4`, [
    cap.id,
    tx.scope.actor.id,
    at,
    cap.organizationId,
  ]);
}

export async function findCaps(tx: Transaction, ids: readonly string[]): Promise<SpendCap[]> {
  const rows = await tx.query<SpendCapRow>(`SELECT c.* FROM spend_caps c WHERE c.id = ANY($1) AND ${SEEN}`, [[...ids]]);
  return rows.map(toSpendCap);
}

export interface SpendCapFilter {
  organizationId?: string;
  projectId?: string;
  /** Those too that were replaced or removed. */
  includeEnded: boolean;
}

export function listCaps(tx: Transaction, filter: SpendCapFilter, args: ConnectionArgs) {
  return paginate<SpendCapRow, SpendCap>(tx, {
    from: 'spend_caps c',
    columns: 'c.*',
    where: [
      SEEN,
      '($1::text IS NULL OR c.organization_id = $1)',
      '($2::text IS NULL OR c.project_id = $2)',
      '($3 OR c.ended_at IS NULL)',
    ],
    parameters: [filter.organizationId ?? null, filter.projectId ?? null, filter.includeEnded],
    orderBy: [
      { column: 'c.created_at', type: 'timestamptz' },
      { column: 'c.id', type: 'text' },
    ],
    args,
    map: toSpendCap,
  });
}

function toSpendCap(row: SpendCapRow): SpendCap {
  return {
    id: row.id,
    organizationId: row.organization_id,
    projectId: row.project_id,
    apiKeyId: row.api_key_id,
    limitNanos: BigInt(row.limit_nanos),
    currency: row.currency,
    period: row.period,
    isHard: row.is_hard,
    alertPercents: row.alert_percents,
    side: row.side,
    contractId: row.contract_id,
    clause: row.clause,
    replacesId: row.replaces_id,
    createdBy: row.created_by,
    createdAt: row.created_at,
    endedBy: row.ended_by,
    endedAt: row.ended_at,
  };
}
