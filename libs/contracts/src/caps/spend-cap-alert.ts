import { type Currency, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import { type CountedCap, reachedPercents } from './spend-cap.js';

/** A threshold of a cap that was reached, once in a window. */
export interface SpendCapAlert {
  id: string;
  organizationId: string;
  capId: string;
  windowStartsAt: Date;
  percent: number;
  /** Of the amounts. */
  currency: Currency;
  /** As they were then. */
  heldNanos: bigint;
  spentNanos: bigint;
  reachedAt: Date;
}

interface AlertRow {
  id: string;
  organization_id: string;
  cap_id: string;
  window_starts_at: Date;
  percent: number;
  currency: Currency;
  held_nanos: string;
  spent_nanos: string;
  reached_at: Date;
}

/** As the caps themselves are seen. */
const SEEN = `(a.organization_id = :organization OR (SELECT app_scope_kind()) = 'lab')
  AND (:projects::text[] IS NULL OR c.project_id = ANY(:projects))`;
const FROM = 'spend_cap_alerts a JOIN spend_caps c ON c.id = a.cap_id';
const COLUMNS = 'a.*, c.currency';

/** Records the thresholds that a cap has reached for the first time in its window, and tells of them. */
export async function alertOf(tx: Transaction, counted: CountedCap, reachedAt: Date): Promise<void> {
  const percents = reachedPercents(counted);
  if (percents.length === 0) return;
  const { cap, window } = counted;
  const alerts = await tx.query<{ id: string }>(
    `INSERT INTO spend_cap_alerts (id, organization_id, cap_id, window_starts_at, percent, held_nanos, spent_nanos, reached_at)
     SELECT reached.id, :organization, $3, $4, reached.percent, $5, $6, $7
     FROM unnest($1::text[], $2::int[]) AS reached(id, percent)
     ON CONFLICT (cap_id, window_starts_at, percent) DO NOTHING RETURNING id`,
    [
      percents.map(() => newId('calert')),
      percents,
      cap.id,
      window.startsAt,
      window.heldNanos.toString(),
      window.spentNanos.toString(),
      reachedAt,
    ],
  );
  for (const { id: alertId } of alerts) {
    tx.publish({ type: 'contracts.cap_threshold_reached', payload: { alertId, capId: cap.id } });
  }
}

export async function findAlerts(tx: Transaction, ids: readonly string[]): Promise<SpendCapAlert[]> {
  const rows = await tx.query<AlertRow>(`SELECT ${COLUMNS} FROM ${FROM} WHERE a.id = ANY($1) AND ${SEEN}`, [[...ids]]);
  return rows.map(toAlert);
}

/** Which thresholds were told of in one window of each cap, rising; a cap of which none was is not in it. Of caps that the scope sees. */
export async function findAlertedPercents(
  tx: Transaction,
  counted: readonly CountedCap[],
): Promise<ReadonlyMap<string, number[]>> {
  const rows = await tx.query<{ cap_id: string; percents: number[] }>(
    `SELECT a.cap_id, array_agg(a.percent ORDER BY a.percent) AS percents
     FROM ${FROM}
     JOIN unnest($1::text[], $2::timestamptz[]) AS asked(cap_id, window_starts_at)
       ON asked.cap_id = a.cap_id AND asked.window_starts_at = a.window_starts_at
     WHERE ${SEEN} GROUP BY a.cap_id`,
    [counted.map(({ cap }) => cap.id), counted.map(({ window }) => window.startsAt)],
  );
  return new Map(rows.map(({ cap_id: capId, percents }) => [capId, percents]));
}

export function listAlerts(
  tx: Transaction,
  { organizationId, capId }: { organizationId?: string; capId?: string },
  args: ConnectionArgs,
) {
  return paginate<AlertRow, SpendCapAlert>(tx, {
    from: FROM,
    columns: COLUMNS,
    where: [SEEN, '($1::text IS NULL OR a.organization_id = $1)', '($2::text IS NULL OR a.cap_id = $2)'],
    parameters: [organizationId ?? null, capId ?? null],
    orderBy: [
      { column: 'a.reached_at', type: 'timestamptz' },
      { column: 'a.id', type: 'text' },
    ],
    args,
    map: toAlert,
  });
}

function toAlert(row: AlertRow): SpendCapAlert {
  return {
    id: row.id,
    organizationId: row.organization_id,
    capId: row.cap_id,
    windowStartsAt: row.window_starts_at,
    percent: row.percent,
    currency: row.currency,
    heldNanos: BigInt(row.held_nanos),
    spentNanos: BigInt(row.spent_nanos),
    reachedAt: row.reached_at,
  };
}
