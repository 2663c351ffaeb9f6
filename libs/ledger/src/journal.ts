import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { AccountName } from './chart.js';
import { organizationOf } from './ledger-reports.js';
import type { PostingKind } from './posting.js';

/** One entry of one transaction, as accounting programs take it. */
export interface JournalRow {
  organizationId: string;
  transactionId: string;
  sequence: bigint;
  /** Of the entry in its transaction, from 0. */
  position: number;
  effectiveAt: Date;
  recordedAt: Date;
  kind: PostingKind;
  description: string;
  sourceKey: string;
  currency: Currency;
  account: AccountName;
  /** What its transaction is about, if that is an invoice, or a commitment by its contract's id and its own. */
  invoiceId: string | null;
  commitmentId: string | null;
  /** One of the two is zero. */
  debitMinor: bigint;
  creditMinor: bigint;
}

export interface JournalQuery {
  organizationId?: string | null;
  /** The `sequence` of the last transaction that was read before; from the first one if left out. */
  afterSequence?: bigint;
  /** Only what took effect at or after the one time and before the other. */
  from?: Date | null;
  to?: Date | null;
  /** How many transactions. */
  transactions: number;
}

/** Those whose books the scope may read, in the order of their ids: the own ones, or every partner's for the lab. */
export async function organizationsWithBooks(tx: Transaction): Promise<string[]> {
  if (tx.scope.kind !== 'lab') return [tx.scope.organizationId];
  const rows = await tx.query<{ id: string }>(
    `SELECT o.id FROM organizations o WHERE o.kind = 'partner' ORDER BY o.id`,
  );
  return rows.map(({ id }) => id);
}

/**
 * Entries in the order in which they were recorded. What is recorded later comes later, so that an export can go on where the last
 * one ended, and gives the same rows when it is made again.
 */
export async function readJournal(tx: Transaction, query: JournalQuery): Promise<JournalRow[]> {
  const { organizationId, afterSequence = 0n, from, to, transactions } = query;
  const rows = await tx.query<Row>(
    `SELECT t.organization_id, t.id AS transaction_id, t.sequence, e.position, t.effective_at, t.recorded_at, t.kind, t.description,
            t.source_key, t.currency, e.account, e.amount_minor, ${linked('invoice')} AS invoice_id, ${linked('commitment')} AS commitment_id
     FROM (SELECT * FROM ledger_transactions
           WHERE organization_id = $1 AND sequence > $2
             AND ($4::timestamptz IS NULL OR effective_at >= $4) AND ($5::timestamptz IS NULL OR effective_at < $5)
           ORDER BY sequence LIMIT $3) t
     JOIN ledger_entries e ON e.transaction_id = t.id AND e.organization_id = t.organization_id
     ORDER BY t.sequence, e.position`,
    [organizationOf(tx, organizationId), afterSequence.toString(), transactions, from ?? null, to ?? null],
  );
  return rows.map(rowOf);
}

/** Of a kind that a transaction is about one of. */
function linked(type: 'invoice' | 'commitment'): string {
  return `(SELECT min(l.reference_id) FROM ledger_links l
           WHERE l.transaction_id = t.id AND l.organization_id = t.organization_id AND l.reference_type = '${type}')`;
}

interface Row {
  organization_id: string;
  transaction_id: string;
  sequence: string;
  position: number;
  effective_at: Date;
  recorded_at: Date;
  kind: PostingKind;
  description: string;
  source_key: string;
  currency: Currency;
  account: AccountName;
  amount_minor: string;
  invoice_id: string | null;
  commitment_id: string | null;
}

function rowOf(row: Row): JournalRow {
  const amountMinor = BigInt(row.amount_minor);
  return {
    organizationId: row.organization_id,
    transactionId: row.transaction_id,
    sequence: BigInt(row.sequence),
    position: row.position,
    effectiveAt: row.effective_at,
    recordedAt: row.recorded_at,
    kind: row.kind,
    description: row.description,
    sourceKey: row.source_key,
    currency: row.currency,
    account: row.account,
    invoiceId: row.invoice_id,
    commitmentId: row.commitment_id,
    debitMinor: amountMinor > 0n ? amountMinor : 0n,
    creditMinor: amountMinor < 0n ? -amountMinor : 0n,
  };
}
