import type { Transaction } from '#platform/database';
import type { AuditEntry, ChainHead } from './audit-chain.js';

export const AUDIT_COLUMNS = `a.id, a.organization_id, a.sequence, a.occurred_at, a.actor_type, a.actor_id, a.action, a.outcome, a.code,
  a.target_ids, a.project_id, a.request_id, a.input_sha256, a.previous_sha256, a.entry_sha256`;

export interface AuditRow {
  id: string;
  organization_id: string;
  sequence: string;
  occurred_at: Date;
  actor_type: string;
  actor_id: string;
  action: string;
  outcome: 'done' | 'refused';
  code: string | null;
  target_ids: string[];
  project_id: string | null;
  request_id: string;
  input_sha256: string;
  previous_sha256: string;
  entry_sha256: string;
}

export function entryOf(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    organizationId: row.organization_id,
    sequence: BigInt(row.sequence),
    occurredAt: row.occurred_at,
    actorType: row.actor_type,
    actorId: row.actor_id,
    action: row.action,
    outcome: row.outcome,
    code: row.code,
    targetIds: row.target_ids,
    projectId: row.project_id,
    requestId: row.request_id,
    inputSha256: row.input_sha256,
    previousSha256: row.previous_sha256,
    entrySha256: row.entry_sha256,
  };
}

/** Lets one transaction at a time append to an organization's chain, and gives the entry that it appends to. */
export async function lockChainHead(tx: Transaction): Promise<ChainHead | null> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('audit:' || $1, 0))`, [tx.scope.organizationId]);
  const row = await tx.one<{ sequence: string; entry_sha256: string }>(
    'SELECT sequence, entry_sha256 FROM audit_entries WHERE organization_id = $1 ORDER BY sequence DESC LIMIT 1',
    [tx.scope.organizationId],
  );
  return row && { sequence: BigInt(row.sequence), sha256: row.entry_sha256 };
}

export async function insertEntry(tx: Transaction, entry: AuditEntry): Promise<void> {
  await tx.query(
    `INSERT INTO audit_entries (id, organization_id, sequence, occurred_at, actor_type, actor_id, action, outcome, code, target_ids,
       project_id, request_id, input_sha256, previous_sha256, entry_sha256)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      entry.id,
      entry.organizationId,
      entry.sequence.toString(),
      entry.occurredAt,
      entry.actorType,
      entry.actorId,
      entry.action,
      entry.outcome,
      entry.code,
      entry.targetIds,
      entry.projectId,
      entry.requestId,
      entry.inputSha256,
      entry.previousSha256,
      entry.entrySha256,
    ],
  );
}

/** Entries in order of their sequence, after one of them. */
export async function entriesAfter(tx: Transaction, sequence: bigint, limit: number): Promise<AuditEntry[]> {
  const rows = await tx.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM audit_entries a WHERE a.organization_id = $1 AND a.sequence > $2 ORDER BY a.sequence LIMIT $3`,
    [tx.scope.organizationId, sequence.toString(), limit],
  );
  return rows.map(entryOf);
}

export async function entriesById(tx: Transaction, ids: readonly string[]): Promise<AuditEntry[]> {
  const rows = await tx.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM audit_entries a WHERE a.organization_id = $1 AND a.id = ANY($2)`,
    [tx.scope.organizationId, ids],
  );
  return rows.map(entryOf);
}
