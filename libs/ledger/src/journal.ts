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
  /** One of the two is zero. */
  debitMinor: bigint;
  creditMinor: bigint;
}

export interface JournalQuery {
  organizationId?: string | null;
  /** The `sequence` of the last transaction that was read before; from the first one if left out. */
  afterSequence?: bigint;
  /** How many transactions. */
  transactions: number;
}

/**
 * Entries in the order in which they were recorded. What is recorded later comes later, so that an export can go on where the last
 * one ended, and gives the same rows when it is made again.
 */
export async function readJournal(tx: Transaction, query: JournalQuery): Promise<JournalRow[]> {
  const { organizationId, afterSequence = 0n, transactions } = query;
  const rows = await tx.query<Row>(
    `SELECT t.organization_id, t.id AS transaction_id, t.sequence, e.position, t.effective_at, t.recorded_at, t.kind, t.description,
            t.source_key, t.currency, e.account, e.amount_minor
     FROM (SELECT * FROM ledger_transactions WHERE organization_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3) t
     JOIN ledger_entries e ON e.transaction_id = t.id AND e.organization_id = t.organization_id
     ORDER BY t.sequence, e.position`,
    [organizationOf(tx, organizationId), afterSequence.toString(), transactions],
  );
  return rows.map(rowOf);
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
    debitMinor: amountMinor > 0n ? amountMinor : 0n,
    creditMinor: amountMinor < 0n ? -amountMinor : 0n,
  };
}
