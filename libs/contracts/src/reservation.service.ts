import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, defineStates, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CONTRACTS_ERRORS } from './contracts.errors.js';

export type ReservationStatus = 'held' | 'settled' | 'released';

export const reservationStates = defineStates<ReservationStatus>('reservation', {
  initial: 'held',
  terminal: ['settled', 'released'],
  transitions: { held: ['settled', 'released'], settled: [], released: [] },
});

export interface Reservation {
  id: string;
  projectId: string;
  ownerId: string;
  /** The most that can be settled. */
  capNanos: bigint;
  status: ReservationStatus;
  /** What the work cost, and what of it is charged: the cap is hard. Null unless settled. */
  actualNanos: bigint | null;
  settledNanos: bigint | null;
}

interface ReservationRow {
  id: string;
  project_id: string;
  owner_id: string;
  cap_nanos: string;
  status: ReservationStatus;
  actual_nanos: string | null;
  settled_nanos: string | null;
}

/** What a job may spend at most: held when it is accepted, settled or released when it ends, exactly once. */
@Injectable()
export class ReservationService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** An owner reserves once; asked again for the same amount it gives the same reservation. */
  async reserve(tx: Transaction, input: { ownerId: string; projectId: string; capNanos: bigint }): Promise<string> {
    await tx.query(
      `INSERT INTO reservations (id, organization_id, project_id, owner_id, cap_nanos, status, created_at)
       VALUES ($1, $2, $3, $4, $5, 'held', $6) ON CONFLICT (owner_id) DO NOTHING`,
      [
        newId('resv'),
        tx.scope.organizationId,
        input.projectId,
        input.ownerId,
        input.capNanos.toString(),
        this.clock.now(),
      ],
    );
    const row = await tx.one<ReservationRow>(
      'SELECT * FROM reservations WHERE owner_id = $1 AND organization_id = :organization',
      [input.ownerId],
    );
    const reservation = row && toReservation(row);
    if (reservation?.capNanos !== input.capNanos || reservation.projectId !== input.projectId)
      throw CONTRACTS_ERRORS.RESERVATION_DIFFERS({ ownerId: input.ownerId });
    return reservation.id;
  }

  /**
   * Charges what the work cost, at most the cap. Settling again with the same amount changes nothing, so that a handler may run
   * twice; with another amount, or after a release, it is refused.
   */
  async settle(tx: Transaction, id: string, actualNanos: bigint): Promise<Reservation> {
    const reservation = await this.lock(tx, id);
    if (reservation.status === 'settled' && reservation.actualNanos === actualNanos) return reservation;
    assertHeld(reservation);
    const settledNanos = actualNanos < reservation.capNanos ? actualNanos : reservation.capNanos;
    return this.end(tx, { ...reservation, status: 'settled', actualNanos, settledNanos });
  }

  /** Charges nothing: the work was not done. */
  async release(tx: Transaction, id: string): Promise<Reservation> {
    const reservation = await this.lock(tx, id);
    if (reservation.status === 'released') return reservation;
    assertHeld(reservation);
    return this.end(tx, { ...reservation, status: 'released' });
  }

  private async end(tx: Transaction, reservation: Reservation): Promise<Reservation> {
    await tx.query(
      `UPDATE reservations SET status = $2, actual_nanos = $3, settled_nanos = $4, ended_at = $5
       WHERE id = $1 AND organization_id = :organization`,
      [
        reservation.id,
        reservation.status,
        reservation.actualNanos?.toString() ?? null,
        reservation.settledNanos?.toString() ?? null,
        this.clock.now(),
      ],
    );
    return reservation;
  }

  private async lock(tx: Transaction, id: string): Promise<Reservation> {
    const row = await tx.one<ReservationRow>(
      'SELECT * FROM reservations WHERE id = $1 AND organization_id = :organization FOR UPDATE',
      [id],
    );
    if (!row) throw CONTRACTS_ERRORS.RESERVATION_NOT_FOUND({ id });
    return toReservation(row);
  }
}

function assertHeld({ id, status }: Reservation): void {
  if (status !== 'held') throw CONTRACTS_ERRORS.RESERVATION_ENDED({ id, status });
}

function toReservation(row: ReservationRow): Reservation {
  return {
    id: row.id,
    projectId: row.project_id,
    ownerId: row.owner_id,
    capNanos: BigInt(row.cap_nanos),
    status: row.status,
    actualNanos: row.actual_nanos === null ? null : BigInt(row.actual_nanos),
    settledNanos: row.settled_nanos === null ? null : BigInt(row.settled_nanos),
  };
}
