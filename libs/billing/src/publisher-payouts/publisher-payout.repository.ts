import { type Currency, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import type { PublisherPayout, SentPayout } from './publisher-payout.js';

interface Row {
  id: string;
  organization_id: string;
  currency: Currency;
  amount_minor: string;
  payable_minor: string;
  reference: string;
  paid_at: Date;
  recorded_by: string;
  recorded_at: Date;
  posted_at: Date | null;
}

/** Of either side. */
const SEEN = '(p.organization_id = :organization OR p.lab_organization_id = :organization)';

/** One transaction at a time enters payouts of a publisher: what is left to be paid is less by each. */
export async function holdPayouts(tx: Transaction, organizationId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('publisher_payouts:' || $1, 0))`, [organizationId]);
}

/** By the lab. The database refuses more than is payable. */
export async function insertPayout(
  tx: Transaction,
  { organizationId, currency, amountMinor, reference, paidAt }: SentPayout,
  { payableMinor, at }: { payableMinor: bigint; at: Date },
): Promise<string> {
  const id = newId('pout');
  await tx.query(
    `INSERT INTO publisher_payouts (id, organization_id, lab_organization_id, currency, amount_minor, payable_minor, reference, paid_at,
       recorded_by, recorded_at)
     VALUES ($1, $2, :organization, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[id, organizationId, currency, amountMinor.toString(), payableMinor.toString(), reference, paidAt],
      ...[tx.scope.actor.id, at],
    ],
  );
  return id;
}

export async function payoutByReference(
  tx: Transaction,
  { organizationId, reference }: Pick<PublisherPayout, 'organizationId' | 'reference'>,
): Promise<PublisherPayout | null> {
  const row = await tx.one<Row>(
    `SELECT p.* FROM publisher_payouts p WHERE p.organization_id = $1 AND p.reference = $2 AND ${SEEN}`,
    [organizationId, reference],
  );
  return row && toPayout(row);
}

/** In the scope of the publisher. */
export async function lockPayout(tx: Transaction, id: string): Promise<PublisherPayout | null> {
  const row = await tx.one<Row>(
    'SELECT * FROM publisher_payouts WHERE id = $1 AND organization_id = :organization FOR UPDATE',
    [id],
  );
  return row && toPayout(row);
}

/** By the system, in the scope of the publisher. */
export async function markPosted(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query('UPDATE publisher_payouts SET posted_at = $2 WHERE id = $1 AND organization_id = :organization', [
    id,
    at,
  ]);
}

export async function findPayouts(tx: Transaction, ids: readonly string[]): Promise<PublisherPayout[]> {
  const rows = await tx.query<Row>(`SELECT p.* FROM publisher_payouts p WHERE p.id = ANY($1) AND ${SEEN}`, [[...ids]]);
  return rows.map(toPayout);
}

export function listPayouts(
  tx: Transaction,
  { organizationId }: { organizationId?: string | undefined },
  args: ConnectionArgs,
) {
  return paginate<Row, PublisherPayout>(tx, {
    from: 'publisher_payouts p',
    columns: 'p.*',
    where: [SEEN, '($1::text IS NULL OR p.organization_id = $1)'],
    parameters: [organizationId ?? null],
    orderBy: [
      { column: 'p.recorded_at', type: 'timestamptz' },
      { column: 'p.id', type: 'text' },
    ],
    args,
    map: toPayout,
  });
}

export interface PaidOut extends Pick<PublisherPayout, 'organizationId' | 'currency'> {
  paidOutMinor: bigint;
  /** Of it, what is not in the books yet. */
  unpostedMinor: bigint;
}

/** What was paid, by publisher and currency. */
export async function sumsOfPayouts(
  tx: Transaction,
  { organizationId, currency }: Partial<Pick<PublisherPayout, 'organizationId' | 'currency'>> = {},
): Promise<PaidOut[]> {
  const rows = await tx.query<Pick<Row, 'organization_id' | 'currency'> & { paid_out: string; unposted: string }>(
    `SELECT p.organization_id, p.currency, sum(p.amount_minor) AS paid_out,
       coalesce(sum(p.amount_minor) FILTER (WHERE p.posted_at IS NULL), 0) AS unposted FROM publisher_payouts p
     WHERE ($1::text IS NULL OR p.organization_id = $1) AND ($2::text IS NULL OR p.currency = $2) AND ${SEEN}
     GROUP BY p.organization_id, p.currency`,
    [organizationId ?? null, currency ?? null],
  );
  return rows.map((row) => ({
    organizationId: row.organization_id,
    currency: row.currency,
    paidOutMinor: BigInt(row.paid_out),
    unpostedMinor: BigInt(row.unposted),
  }));
}

function toPayout(row: Row): PublisherPayout {
  return {
    id: row.id,
    organizationId: row.organization_id,
    currency: row.currency,
    amountMinor: BigInt(row.amount_minor),
    payableMinor: BigInt(row.payable_minor),
    reference: row.reference,
    paidAt: row.paid_at,
    recordedBy: row.recorded_by,
    recordedAt: row.recorded_at,
    postedAt: row.posted_at,
  };
}
