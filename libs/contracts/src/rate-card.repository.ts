import type { Meter } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, type PageQuery, paginate } from '#platform/graphql';
import type { RateCard, RateLine } from './rate.js';
import type { RateCardRecord } from './rate-card.js';

interface RateCardRow {
  id: string;
  for_organization_id: string | null;
  name: string;
  status: 'draft' | 'published';
  effective_from: Date | null;
  published_at: Date | null;
  created_at: Date;
  lines: Array<{
    meter: Meter;
    family_id: string | null;
    checkpoint_id: string | null;
    price_nanos: string;
    per_units: string;
  }>;
}

/** Amounts as text: JSON numbers are too small for them. */
const COLUMNS = `c.*, (
  SELECT json_agg(json_build_object('meter', l.meter, 'family_id', l.family_id, 'checkpoint_id', l.checkpoint_id,
                                    'price_nanos', l.price_nanos::text, 'per_units', l.per_units::text) ORDER BY l.position)
  FROM rate_card_lines l WHERE l.rate_card_id = c.id) AS lines`;

/** Those of the organization, and the published ones that price what it uses. */
const SEEN = `(c.organization_id = :organization
  OR c.status = 'published' AND (c.for_organization_id = :organization OR c.for_organization_id IS NULL))`;

function toRateCard(row: RateCardRow): RateCardRecord {
  return {
    id: row.id,
    forOrganizationId: row.for_organization_id,
    name: row.name,
    status: row.status,
    effectiveFrom: row.effective_from,
    publishedAt: row.published_at,
    createdAt: row.created_at,
    lines: row.lines.map((line) => ({
      meter: line.meter,
      familyId: line.family_id,
      checkpointId: line.checkpoint_id,
      priceNanos: BigInt(line.price_nanos),
      perUnits: BigInt(line.per_units),
    })),
  };
}

export async function insertRateCard(
  tx: Transaction,
  card: { id: string; name: string; forOrganizationId: string | null; lines: readonly RateLine[]; createdAt: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO rate_cards (id, organization_id, for_organization_id, name, currency, status, created_by, created_at)
     VALUES ($1, $2, $3, $4, 'USD', 'draft', $5, $6)`,
    [card.id, tx.scope.organizationId, card.forOrganizationId, card.name, tx.scope.actor.id, card.createdAt],
  );
  const column = <T>(value: (line: RateLine) => T) => card.lines.map(value);
  await tx.query(
    `INSERT INTO rate_card_lines (rate_card_id, organization_id, position, meter, family_id, checkpoint_id, price_nanos, per_units)
     SELECT $1, $2, ordinality - 1, meter, family_id, checkpoint_id, price_nanos, per_units
     FROM unnest($3::text[], $4::text[], $5::text[], $6::numeric[], $7::bigint[])
          WITH ORDINALITY AS line (meter, family_id, checkpoint_id, price_nanos, per_units, ordinality)`,
    [
      card.id,
      tx.scope.organizationId,
      column((line) => line.meter),
      column((line) => line.familyId),
      column((line) => line.checkpointId),
      column((line) => line.priceNanos.toString()),
      column((line) => line.perUnits.toString()),
    ],
  );
}

export async function findRateCards(tx: Transaction, ids: readonly string[]): Promise<RateCardRecord[]> {
  const rows = await tx.query<RateCardRow>(`SELECT ${COLUMNS} FROM rate_cards c WHERE c.id = ANY($1) AND ${SEEN}`, [
    [...ids],
  ]);
  return rows.map(toRateCard);
}

/** Whether another published card for the same customer takes effect at this time. */
export async function isTimeTaken(
  tx: Transaction,
  forOrganizationId: string | null,
  effectiveFrom: Date,
): Promise<boolean> {
  const row = await tx.one(
    `SELECT 1 FROM rate_cards WHERE organization_id = :organization AND for_organization_id IS NOT DISTINCT FROM $1
       AND effective_from = $2 AND status = 'published'`,
    [forOrganizationId, effectiveFrom],
  );
  return row !== null;
}

export async function markPublished(
  tx: Transaction,
  id: string,
  publication: { effectiveFrom: Date; at: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE rate_cards SET status = 'published', effective_from = $2, published_at = $3, published_by = $4
     WHERE id = $1 AND organization_id = :organization AND status = 'draft' RETURNING id`,
    [id, publication.effectiveFrom, publication.at, tx.scope.actor.id],
  );
  return rows.length > 0;
}

/** All prices that hold, held or will hold for a customer: its own cards and the general ones. */
export async function publishedCardsFor(tx: Transaction, organizationId: string): Promise<RateCard[]> {
  const rows = await tx.query<RateCardRow & { effective_from: Date }>(
    `SELECT ${COLUMNS} FROM rate_cards c
     WHERE c.status = 'published' AND (c.for_organization_id = $1 OR c.for_organization_id IS NULL) AND ${SEEN}
     ORDER BY c.effective_from`,
    [organizationId],
  );
  return rows.map((row) => ({ ...toRateCard(row), effectiveFrom: row.effective_from }));
}

export function listRateCards(tx: Transaction, args: ConnectionArgs) {
  const query: PageQuery<RateCardRow, RateCardRecord> = {
    from: 'rate_cards c',
    columns: COLUMNS,
    where: [SEEN],
    orderBy: [
      { column: 'c.created_at', type: 'timestamptz' },
      { column: 'c.id', type: 'text' },
    ],
    args,
    map: toRateCard,
  };
  return paginate(tx, query);
}
