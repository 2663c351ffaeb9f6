import type { Transaction } from '#platform/database';

export interface NewLease {
  id: string;
  reservationId: string;
  recorderId: string;
  expiresAt: Date;
}

export async function insertLease(tx: Transaction, lease: NewLease): Promise<void> {
  await tx.query(
    `INSERT INTO spend_leases (id, organization_id, reservation_id, recorder_id, expires_at) VALUES ($1, :organization, $2, $3, $4)`,
    [lease.id, lease.reservationId, lease.recorderId, lease.expiresAt],
  );
}

/** By the database's own clock, which says as well when usage became final. Again it changes nothing. */
export async function markClosed(tx: Transaction, id: string): Promise<void> {
  await tx.query(
    `UPDATE spend_leases SET closed_at = clock_timestamp() WHERE id = $1 AND organization_id = :organization AND closed_at IS NULL`,
    [id],
  );
}

export interface ClosedLease {
  id: string;
  reservationId: string;
  closedAt: Date;
}

export async function closedLeases(tx: Transaction): Promise<ClosedLease[]> {
  return tx.query<ClosedLease>(
    `SELECT id, reservation_id AS "reservationId", closed_at AS "closedAt" FROM spend_leases
     WHERE organization_id = :organization AND closed_at IS NOT NULL ORDER BY id`,
  );
}

/** With its reservation, which has to be released. */
export async function deleteLease(tx: Transaction, { id, reservationId }: ClosedLease): Promise<void> {
  await tx.query('DELETE FROM spend_leases WHERE id = $1 AND organization_id = :organization', [id]);
  await tx.query(`DELETE FROM reservations WHERE id = $1 AND organization_id = :organization AND status = 'released'`, [
    reservationId,
  ]);
}

/** What leases of the scope's organization hold of windows of caps. */
export async function leasedOfWindows(
  tx: Transaction,
): Promise<Array<{ capId: string; startsAt: Date; nanos: bigint }>> {
  const rows = await tx.query<{ cap_id: string; window_starts_at: Date; nanos: string }>(
    `SELECT h.cap_id, h.window_starts_at, sum(h.nanos) AS nanos
     FROM spend_leases l JOIN reservation_holds h ON h.reservation_id = l.reservation_id
     WHERE l.organization_id = :organization GROUP BY h.cap_id, h.window_starts_at`,
  );
  return rows.map((row) => ({ capId: row.cap_id, startsAt: row.window_starts_at, nanos: BigInt(row.nanos) }));
}
