import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type Connection, type ConnectionArgs, paginate } from '#platform/graphql';
import { type AccountName, onNormalSide } from './chart.js';
import { LEDGER_ERRORS } from './ledger.errors.js';
import { organizationOf } from './ledger-reports.js';
import type { PostingKind } from './posting.js';

export interface StatementQuery {
  organizationId?: string | null;
  account: AccountName;
  currency: Currency;
  /** Inclusive, by the time of effect. */
  from: Date;
  /** Exclusive. */
  to: Date;
}

export interface StatementLine {
  transactionId: string;
  sequence: bigint;
  kind: PostingKind;
  description: string;
  effectiveAt: Date;
  recordedAt: Date;
  /** Above zero where it raises the balance. */
  amountMinor: bigint;
  /** After this line. */
  balanceMinor: bigint;
}

/** A page of an account's lines in the order in which they took effect, and the balances at both ends of the whole statement. */
export interface Statement extends Connection<StatementLine> {
  organizationId: string;
  account: AccountName;
  currency: Currency;
  openingMinor: bigint;
  closingMinor: bigint;
}

export async function readStatement(tx: Transaction, query: StatementQuery, args: ConnectionArgs): Promise<Statement> {
  const { account, currency, from, to } = query;
  if (from >= to) throw LEDGER_ERRORS.LEDGER_RANGE_INVALID({ path: ['to'] });
  const organizationId = organizationOf(tx, query.organizationId);
  const key = [organizationId, account, currency] as const;
  const page = await pageOfLines(tx, { ...query, organizationId }, args);
  const [first] = page.nodes;
  const ends = await tx.one<{ opening: string; closing: string; before_page: string }>(
    `SELECT coalesce(sum(e.amount_minor) FILTER (WHERE e.effective_at < $4), 0) AS opening,
            coalesce(sum(e.amount_minor), 0) AS closing,
            coalesce(sum(e.amount_minor) FILTER (WHERE (e.effective_at, e.sequence) < ($6, $7)), 0) AS before_page
     FROM ledger_entries e
     WHERE e.organization_id = $1 AND e.account = $2 AND e.currency = $3 AND e.effective_at < $5`,
    [...key, from, to, first?.effectiveAt ?? to, first?.sequence.toString() ?? '0'],
  );
  return {
    ...withBalances(page, onNormalSide(account, BigInt(ends!.before_page))),
    organizationId,
    account,
    currency,
    openingMinor: onNormalSide(account, BigInt(ends!.opening)),
    closingMinor: onNormalSide(account, BigInt(ends!.closing)),
  };
}

type Line = Omit<StatementLine, 'balanceMinor'>;

interface LineRow {
  transaction_id: string;
  sequence: string;
  kind: PostingKind;
  description: string;
  effective_at: Date;
  recorded_at: Date;
  amount_minor: string;
}

function pageOfLines(
  tx: Transaction,
  { organizationId, account, currency, from, to }: StatementQuery & { organizationId: string },
  args: ConnectionArgs,
): Promise<Connection<Line>> {
  return paginate<LineRow, Line>(tx, {
    from: `ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id AND t.organization_id = e.organization_id`,
    columns: `e.transaction_id, e.sequence, t.kind, t.description, e.effective_at, t.recorded_at, e.amount_minor`,
    where: [
      'e.organization_id = $1',
      'e.account = $2',
      'e.currency = $3',
      'e.effective_at >= $4',
      'e.effective_at < $5',
    ],
    parameters: [organizationId, account, currency, from, to],
    orderBy: [
      { column: 'e.effective_at', type: 'timestamptz' },
      { column: 'e.sequence', type: 'bigint' },
    ],
    direction: 'ASC',
    args,
    map: (row) => ({
      transactionId: row.transaction_id,
      sequence: BigInt(row.sequence),
      kind: row.kind,
      description: row.description,
      effectiveAt: row.effective_at,
      recordedAt: row.recorded_at,
      amountMinor: onNormalSide(account, BigInt(row.amount_minor)),
    }),
  });
}

function withBalances(page: Connection<Line>, beforeMinor: bigint): Connection<StatementLine> {
  let balanceMinor = beforeMinor;
  const edges = page.edges.map(({ cursor, node }) => {
    balanceMinor += node.amountMinor;
    return { cursor, node: { ...node, balanceMinor } };
  });
  return { edges, nodes: edges.map(({ node }) => node), pageInfo: page.pageInfo };
}
