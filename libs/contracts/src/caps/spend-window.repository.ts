import type { Transaction } from '#platform/database';
import { type CountedCap, type Span, type SpendCap, type SpendWindow, windowOf } from './spend-cap.js';

type Amounts = Pick<SpendWindow, 'heldNanos' | 'spentNanos'>;

interface WindowRow {
  cap_id: string;
  held_nanos: string;
  spent_nanos: string;
}

/**
 * Whoever sets or ends caps of an organization, or holds, gives back and counts what it spends, takes turns until the commit: so no
 * cap is set beside a reservation that it does not count, and none is overshot. Taken before any row of these tables is locked.
 */
export async function takeTurn(tx: Transaction, organizationId: string = tx.scope.organizationId): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('spend:' || $1, 0))`, [organizationId]);
}

/** The windows that caps have now, or had last, by the cap; without those that nothing has opened. */
export async function openWindows(
  tx: Transaction,
  caps: readonly SpendCap[],
  now: Date,
): Promise<Map<string, SpendWindow>> {
  const rows = await tx.query<WindowRow>(
    `SELECT w.cap_id, w.held_nanos, w.spent_nanos FROM unnest($1::text[], $2::timestamptz[]) AS wanted(cap_id, starts_at)
     JOIN spend_windows w ON w.cap_id = wanted.cap_id AND w.starts_at = wanted.starts_at
     WHERE w.organization_id = :organization OR (SELECT app_scope_kind()) = 'lab'`,
    [caps.map(({ id }) => id), caps.map((cap) => windowOf(cap, now).startsAt)],
  );
  const byCap = new Map(rows.map((row) => [row.cap_id, amountsOf(row)]));
  return new Map(
    caps.flatMap((cap) => {
      const amounts = byCap.get(cap.id);
      return amounts ? [[cap.id, { ...windowOf(cap, now), ...amounts }] as const] : [];
    }),
  );
}

export async function insertWindow(tx: Transaction, { cap, window }: CountedCap): Promise<void> {
  await tx.query(
    `INSERT INTO spend_windows (cap_id, organization_id, starts_at, held_nanos, spent_nanos) VALUES ($1, :organization, $2, $3, $4)`,
    [cap.id, window.startsAt, window.heldNanos.toString(), window.spentNanos.toString()],
  );
}

/** The reservations that a cap counts, of those that were made in a span. */
const COUNTED_RESERVATIONS = `r.organization_id = $1 AND ($2::text IS NULL OR r.project_id = $2)
  AND ($3::text IS NULL OR r.api_key_id = $3) AND r.currency = $4 AND r.created_at >= $5
  AND ($6::timestamptz IS NULL OR r.created_at < $6)`;

const countedBy = (cap: SpendCap, { startsAt, endsAt }: Span) => [
  cap.organizationId,
  cap.projectId,
  cap.apiKeyId,
  cap.currency,
  startsAt,
  endsAt,
];

/** What reservations of a span hold and have cost, whatever caps there were when they were made. */
export async function sumReservations(tx: Transaction, cap: SpendCap, span: Span): Promise<Amounts> {
  const row = await tx.one<Omit<WindowRow, 'cap_id'>>(
    `SELECT coalesce(sum(r.cap_nanos) FILTER (WHERE r.status = 'held'), 0) AS held_nanos,
            coalesce(sum(r.settled_nanos), 0) AS spent_nanos
     FROM reservations r WHERE ${COUNTED_RESERVATIONS}`,
    countedBy(cap, span),
  );
  return amountsOf(row!);
}

/** The same reservations give back to a window that was opened after they were made. */
export async function holdForReservations(tx: Transaction, { cap, window }: CountedCap): Promise<void> {
  await tx.query(
    `INSERT INTO reservation_holds (reservation_id, cap_id, organization_id, window_starts_at, nanos)
     SELECT r.id, $7, r.organization_id, $5, r.cap_nanos FROM reservations r
     WHERE ${COUNTED_RESERVATIONS} AND r.status = 'held'`,
    [...countedBy(cap, window), cap.id],
  );
}

export async function insertHolds(
  tx: Transaction,
  { reservationId, nanos }: { reservationId: string; nanos: bigint },
  counted: readonly CountedCap[],
): Promise<void> {
  if (counted.length === 0) return;
  await tx.query(
    `INSERT INTO reservation_holds (reservation_id, cap_id, organization_id, window_starts_at, nanos)
     SELECT $1, held.cap_id, :organization, held.starts_at, $2
     FROM unnest($3::text[], $4::timestamptz[]) AS held(cap_id, starts_at)`,
    [reservationId, nanos.toString(), ...keysOf(counted)],
  );
}

/** Gives back what a reservation holds, and counts as spent what it came to. */
export async function settleHolds(tx: Transaction, reservationId: string, spentNanos: bigint): Promise<void> {
  await tx.query(
    `WITH given_back AS (
       DELETE FROM reservation_holds WHERE reservation_id = $1 AND organization_id = :organization
       RETURNING cap_id, window_starts_at, nanos
     )
     UPDATE spend_windows w SET held_nanos = w.held_nanos - g.nanos, spent_nanos = w.spent_nanos + $2
     FROM given_back g
     WHERE w.cap_id = g.cap_id AND w.starts_at = g.window_starts_at AND w.organization_id = :organization`,
    [reservationId, spentNanos.toString()],
  );
}

/** Adds to windows, those that are not open left out; gives what they then hold, by the cap. */
export async function addToWindows(
  tx: Transaction,
  windows: ReadonlyArray<{ capId: string; startsAt: Date }>,
  { heldNanos = 0n, spentNanos = 0n }: Partial<Amounts>,
): Promise<Map<string, Amounts>> {
  if (windows.length === 0) return new Map();
  const rows = await tx.query<WindowRow>(
    `UPDATE spend_windows w SET held_nanos = w.held_nanos + $1, spent_nanos = w.spent_nanos + $2
     FROM unnest($3::text[], $4::timestamptz[]) AS wanted(cap_id, starts_at)
     WHERE w.cap_id = wanted.cap_id AND w.starts_at = wanted.starts_at AND w.organization_id = :organization
     RETURNING w.cap_id, w.held_nanos, w.spent_nanos`,
    [
      heldNanos.toString(),
      spentNanos.toString(),
      windows.map(({ capId }) => capId),
      windows.map(({ startsAt }) => startsAt),
    ],
  );
  return new Map(rows.map((row) => [row.cap_id, amountsOf(row)]));
}

/** Up to when inference is counted in the windows; null where none ever was. */
export async function inferenceCountedUntil(tx: Transaction, organizationId: string): Promise<Date | null> {
  const row = await tx.one<{ inference_until: Date }>(
    'SELECT inference_until FROM spend_cursors WHERE organization_id = $1',
    [organizationId],
  );
  return row?.inference_until ?? null;
}

export async function moveInferenceCursor(tx: Transaction, until: Date): Promise<void> {
  await tx.query(
    `INSERT INTO spend_cursors (organization_id, inference_until) VALUES (:organization, $1)
     ON CONFLICT (organization_id) DO UPDATE SET inference_until = excluded.inference_until`,
    [until],
  );
}

const keysOf = (counted: readonly CountedCap[]) => [
  counted.map(({ cap }) => cap.id),
  counted.map(({ window }) => window.startsAt),
];

const amountsOf = (row: Omit<WindowRow, 'cap_id'>): Amounts => ({
  heldNanos: BigInt(row.held_nanos),
  spentNanos: BigInt(row.spent_nanos),
});
