import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { AccountName } from './chart.js';
import type { Entry, LedgerTransaction, Link, Posting, PostingKind } from './posting.js';

export interface LedgerTransactionRow {
  id: string;
  organization_id: string;
  sequence: string;
  currency: Currency;
  kind: PostingKind;
  effective_at: Date;
  recorded_at: Date;
  source_key: string;
  content_sha256: string;
  description: string;
  reverses_transaction_id: string | null;
  reversed_by_transaction_id: string | null;
  /** Amounts as text: JSON numbers are too small for them. */
  entries: Array<{ account: AccountName; amount_minor: string }>;
  links: Link[];
}

export const TRANSACTION_COLUMNS = `t.id, t.organization_id, t.sequence, t.currency, t.kind, t.effective_at, t.recorded_at, t.source_key,
  t.content_sha256, t.description, t.reverses_transaction_id,
  (SELECT r.id FROM ledger_transactions r
   WHERE r.reverses_transaction_id = t.id AND r.organization_id = t.organization_id) AS reversed_by_transaction_id,
  (SELECT coalesce(json_agg(json_build_object('account', e.account, 'amount_minor', e.amount_minor::text) ORDER BY e.position), '[]')
   FROM ledger_entries e WHERE e.transaction_id = t.id AND e.organization_id = t.organization_id) AS entries,
  (SELECT coalesce(json_agg(json_build_object('type', l.reference_type, 'id', l.reference_id)
                            ORDER BY l.reference_type, l.reference_id), '[]')
   FROM ledger_links l WHERE l.transaction_id = t.id AND l.organization_id = t.organization_id) AS links`;

export function transactionOf(row: LedgerTransactionRow): LedgerTransaction {
  return {
    id: row.id,
    organizationId: row.organization_id,
    sequence: BigInt(row.sequence),
    currency: row.currency,
    kind: row.kind,
    effectiveAt: row.effective_at,
    recordedAt: row.recorded_at,
    sourceKey: row.source_key,
    description: row.description,
    reversesTransactionId: row.reverses_transaction_id,
    reversedByTransactionId: row.reversed_by_transaction_id,
    entries: row.entries.map(({ account, amount_minor }) => ({ account, amountMinor: BigInt(amount_minor) })),
    links: row.links,
  };
}

/** Lets one transaction at a time append to an organization's ledger, or act on balances that it read. */
export async function lockLedger(tx: Transaction): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('ledger:' || $1, 0))`, [tx.scope.organizationId]);
}

export async function nextSequence(tx: Transaction): Promise<bigint> {
  const row = await tx.one<{ sequence: string }>(
    'SELECT coalesce(max(sequence), 0) + 1 AS sequence FROM ledger_transactions WHERE organization_id = :organization',
  );
  return BigInt(row!.sequence);
}

export async function findBySourceKey(tx: Transaction, sourceKey: string): Promise<LedgerTransactionRow | null> {
  return tx.one<LedgerTransactionRow>(
    `SELECT ${TRANSACTION_COLUMNS} FROM ledger_transactions t WHERE t.organization_id = :organization AND t.source_key = $1`,
    [sourceKey],
  );
}

/** In no order. The lab finds those of every organization. */
export async function findTransactions(tx: Transaction, ids: readonly string[]): Promise<LedgerTransaction[]> {
  const rows = await tx.query<LedgerTransactionRow>(
    `SELECT ${TRANSACTION_COLUMNS} FROM ledger_transactions t WHERE t.id = ANY($1) AND ($2 OR t.organization_id = :organization)`,
    [ids, tx.scope.kind === 'lab'],
  );
  return rows.map(transactionOf);
}

export type NewTransaction = Posting & { id: string; sequence: bigint; recordedAt: Date; contentSha256: string };

export async function insertTransaction(tx: Transaction, transaction: NewTransaction): Promise<void> {
  await tx.query(
    `INSERT INTO ledger_transactions (id, organization_id, sequence, currency, kind, effective_at, recorded_at, source_key,
       content_sha256, description, reverses_transaction_id, entry_count, link_count)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      transaction.id,
      tx.scope.organizationId,
      transaction.sequence.toString(),
      transaction.currency,
      transaction.kind,
      transaction.effectiveAt,
      transaction.recordedAt,
      transaction.sourceKey,
      transaction.contentSha256,
      transaction.description,
      transaction.reversesTransactionId,
      transaction.entries.length,
      transaction.links.length,
    ],
  );
  await insertEntries(tx, transaction);
  await insertLinks(tx, transaction);
}

async function insertEntries(tx: Transaction, transaction: NewTransaction): Promise<void> {
  const column = <T>(value: (entry: Entry) => T) => transaction.entries.map(value);
  await tx.query(
    `INSERT INTO ledger_entries (transaction_id, position, organization_id, currency, effective_at, sequence, account, amount_minor)
     SELECT $1, ordinality - 1, $2, $3, $4, $5, account, amount_minor
     FROM unnest($6::text[], $7::numeric[]) WITH ORDINALITY AS entry (account, amount_minor, ordinality)`,
    [
      transaction.id,
      tx.scope.organizationId,
      transaction.currency,
      transaction.effectiveAt,
      transaction.sequence.toString(),
      column((entry) => entry.account),
      column((entry) => entry.amountMinor.toString()),
    ],
  );
}

async function insertLinks(tx: Transaction, { id, currency, links }: NewTransaction): Promise<void> {
  await tx.query(
    `INSERT INTO ledger_links (transaction_id, organization_id, currency, reference_type, reference_id)
     SELECT $1, $2, $3, type, id FROM unnest($4::text[], $5::text[]) AS link (type, id)`,
    [id, tx.scope.organizationId, currency, links.map(({ type }) => type), links.map((link) => link.id)],
  );
}
