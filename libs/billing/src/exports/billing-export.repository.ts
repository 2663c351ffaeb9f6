import type { NarrowTransaction, Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import {
  type BillingExport,
  type ExportFailure,
  type ExportKind,
  exportStates,
  type NewExport,
} from './billing-export.js';

interface Row {
  id: string;
  organization_id: string;
  kind: ExportKind;
  partner_id: string | null;
  from_at: Date;
  to_at: Date;
  requested_at: Date;
  state: BillingExport['state'];
  row_count: string;
  ended_at: Date | null;
  bytes: string | null;
  sha256: string | null;
  expires_at: Date | null;
  failure: ExportFailure | null;
}

export async function insertExport(tx: Transaction, id: string, asked: NewExport, at: Date): Promise<void> {
  await tx.query(
    `INSERT INTO billing_exports (id, organization_id, kind, partner_id, from_at, to_at, requested_by, requested_at)
     VALUES ($1, :organization, $2, $3, $4, $5, $6, $7)`,
    [id, asked.kind, asked.partnerId, asked.from, asked.to, tx.scope.actor.id, at],
  );
}

/** How many of the organization's are not made yet. Until the end of the transaction nobody else of it asks for one. */
export async function countUnfinished(tx: Transaction): Promise<number> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('billing_exports:' || :organization, 0))`);
  const row = await tx.one<{ count: number }>(
    `SELECT count(*)::int AS count FROM billing_exports e
     WHERE e.organization_id = :organization AND e.state IN ('queued', 'running')`,
  );
  return row!.count;
}

export async function findBillingExports(tx: Transaction, ids: readonly string[]): Promise<BillingExport[]> {
  const rows = await tx.query<Row>(
    'SELECT e.* FROM billing_exports e WHERE e.id = ANY($1) AND e.organization_id = :organization',
    [[...ids]],
  );
  return rows.map(toExport);
}

export function listBillingExports(tx: Transaction, kind: ExportKind, args: ConnectionArgs) {
  return paginate<Row, BillingExport>(tx, {
    from: 'billing_exports e',
    columns: 'e.*',
    where: ['e.organization_id = :organization', 'e.kind = $1'],
    parameters: [kind],
    orderBy: [
      { column: 'e.requested_at', type: 'timestamptz' },
      { column: 'e.id', type: 'text' },
    ],
    args,
    map: toExport,
  });
}

/** Those that are kept no longer, of whoever asked. By the reconciler. */
export async function expiredBy(
  tx: NarrowTransaction,
  time: Date,
): Promise<Array<{ id: string; organizationId: string }>> {
  const rows = await tx.query<{ id: string; organization_id: string }>(
    `SELECT id, organization_id FROM billing_exports WHERE state = 'ready' AND expires_at <= $1 ORDER BY expires_at, id`,
    [time],
  );
  return rows.map(({ id, organization_id }) => ({ id, organizationId: organization_id }));
}

async function hold(tx: Transaction, id: string): Promise<BillingExport | null> {
  const row = await tx.one<Row>(
    'SELECT e.* FROM billing_exports e WHERE e.id = $1 AND e.organization_id = :organization FOR UPDATE',
    [id],
  );
  return row && toExport(row);
}

/** It runs from now on, from its first row; null where it has ended already. By the system, as all that follows. */
export async function markRunning(tx: Transaction, id: string): Promise<BillingExport | null> {
  const held = await hold(tx, id);
  if (!held || held.endedAt) return null;
  if (held.state !== 'running') exportStates.assert(held.state, 'running');
  await tx.query(
    `UPDATE billing_exports SET state = 'running', row_count = 0 WHERE id = $1 AND organization_id = :organization`,
    [id],
  );
  return { ...held, state: 'running', rows: 0n };
}

export async function markRows(tx: Transaction, id: string, rows: bigint): Promise<void> {
  await tx.query(
    `UPDATE billing_exports SET row_count = $2 WHERE id = $1 AND organization_id = :organization AND state = 'running'`,
    [id, rows.toString()],
  );
}

export interface FinishedFile {
  rows: bigint;
  bytes: number;
  sha256: string;
  at: Date;
  expiresAt: Date;
}

export async function markReady(tx: Transaction, id: string, file: FinishedFile): Promise<void> {
  const { rows, bytes, sha256, at, expiresAt } = file;
  await tx.query(
    `UPDATE billing_exports SET state = 'ready', row_count = $2, bytes = $3, sha256 = $4, ended_at = $5, expires_at = $6
     WHERE id = $1 AND organization_id = :organization AND state = 'running'`,
    [id, rows.toString(), bytes, sha256, at, expiresAt],
  );
}

export async function markFailed(tx: Transaction, id: string, failure: ExportFailure, at: Date): Promise<void> {
  await tx.query(
    `UPDATE billing_exports SET state = 'failed', failure = $2, ended_at = $3
     WHERE id = $1 AND organization_id = :organization AND state = 'running'`,
    [id, failure, at],
  );
}

export async function markExpired(tx: Transaction, id: string): Promise<void> {
  await tx.query(
    `UPDATE billing_exports SET state = 'expired' WHERE id = $1 AND organization_id = :organization AND state = 'ready'`,
    [id],
  );
}

function toExport(row: Row): BillingExport {
  return {
    id: row.id,
    organizationId: row.organization_id,
    kind: row.kind,
    partnerId: row.partner_id,
    from: row.from_at,
    to: row.to_at,
    requestedAt: row.requested_at,
    state: row.state,
    rows: BigInt(row.row_count),
    endedAt: row.ended_at,
    bytes: row.bytes === null ? null : BigInt(row.bytes),
    sha256: row.sha256,
    expiresAt: row.expires_at,
    failure: row.failure,
  };
}
