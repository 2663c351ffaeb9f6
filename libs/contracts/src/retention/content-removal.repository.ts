import type { Transaction } from '#platform/database';
import type { ContentRemoval } from './content-removal.js';
import type { RetentionClause } from './retention.js';

/** The end of an organization's content, as it was told of. */
export interface AnnouncedRemoval {
  clause: RetentionClause;
  dueAt: Date;
  begunAt: Date | null;
  completedAt: Date | null;
}

const COLUMNS = `r.clause, r.due_at AS "dueAt", r.begun_at AS "begunAt", r.completed_at AS "completedAt"`;

/** Once for a contract that was the last one; false where it was announced before. */
export async function insertRemoval(
  tx: Transaction,
  { clause, endedAt, dueAt, noticedAt }: { clause: RetentionClause; endedAt: Date; dueAt: Date; noticedAt: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO content_removals (contract_id, organization_id, clause, contract_ended_at, noticed_at, due_at)
     VALUES ($1, :organization, $2, $3, $4, $5) ON CONFLICT (contract_id) DO NOTHING RETURNING contract_id`,
    [clause.contractId, JSON.stringify(clause), endedAt, noticedAt, dueAt],
  );
  return rows.length > 0;
}

/** Nobody else begins it until the transaction ends. */
export async function lockRemoval(tx: Transaction, contractId: string): Promise<AnnouncedRemoval> {
  const row = await tx.one<AnnouncedRemoval>(
    `SELECT ${COLUMNS} FROM content_removals r WHERE r.contract_id = $1 AND r.organization_id = :organization FOR UPDATE`,
    [contractId],
  );
  return row!;
}

/** The one that has begun and is not over. */
export async function removalUnderWay(tx: Transaction): Promise<ContentRemoval | null> {
  return tx.one<ContentRemoval>(
    `SELECT r.clause, r.begun_at AS "begunAt" FROM content_removals r
     WHERE r.organization_id = :organization AND r.begun_at IS NOT NULL AND r.completed_at IS NULL
     ORDER BY r.begun_at LIMIT 1`,
  );
}

export async function markRemovalBegun(tx: Transaction, contractId: string, at: Date): Promise<void> {
  await tx.query(
    'UPDATE content_removals SET begun_at = $2 WHERE contract_id = $1 AND organization_id = :organization AND begun_at IS NULL',
    [contractId, at],
  );
}

export async function markRemovalCompleted(tx: Transaction, contractId: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE content_removals SET completed_at = $2
     WHERE contract_id = $1 AND organization_id = :organization AND begun_at IS NOT NULL AND completed_at IS NULL`,
    [contractId, at],
  );
}
