import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, type Currency, defineStates, newId, smaller } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { SpendCap, Spender } from './caps/spend-cap.js';
import { SpendCapKeeper } from './caps/spend-cap-keeper.js';
import { takeTurn } from './caps/spend-window.repository.js';
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
  currency: Currency;
  /** Of whoever called with a key. */
  apiKeyId: string | null;
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
  currency: Currency;
  api_key_id: string | null;
  status: ReservationStatus;
  actual_nanos: string | null;
  settled_nanos: string | null;
}

/** What is reserved for: a job or a run, which spends for somebody. */
export interface ReservationOwner extends Spender {
  ownerId: string;
}

/**
 * What a job may spend at most: held when it is accepted, settled or released when it ends, exactly once. It is taken from every spend
 * cap that applies, and what is not spent is given back to the same.
 */
@Injectable()
export class ReservationService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly caps: SpendCapKeeper,
  ) {}

  /**
   * An owner reserves once; asked again for the same amount it gives the same reservation. Refused with SPEND_CAP_EXCEEDED where a hard
   * cap has less left: then nothing is reserved.
   */
  async reserve(tx: Transaction, input: ReservationOwner & { capNanos: bigint }): Promise<string> {
    await takeTurn(tx);
    const known = await this.findOf(tx, input.ownerId);
    if (!known) {
      const { capNanos: nanos } = input;
      const counted = await this.caps.admit(tx, input, nanos);
      const reservationId = await this.insert(tx, input);
      await this.caps.hold(tx, { reservationId, nanos }, counted);
      return reservationId;
    }
    if (known.capNanos !== input.capNanos || known.projectId !== input.projectId)
      throw CONTRACTS_ERRORS.RESERVATION_DIFFERS({ ownerId: input.ownerId });
    return known.id;
  }

  /** The cap that would refuse a reservation now, changing nothing; null where it would be made. */
  async refusingCap(tx: Transaction, spender: Spender, capNanos: bigint): Promise<SpendCap | null> {
    return (await this.caps.preview(tx, spender, capNanos))?.cap ?? null;
  }

  /** Refuses where a hard cap has nothing left at all: for work whose cost nobody knows before it is done. */
  async assertLeft(tx: Transaction, spender: Spender): Promise<void> {
    await this.caps.admit(tx, spender, null);
  }

  /** Work that nothing was reserved for is done, and charged; caps count it, whatever is left. An owner is charged once. */
  async charge(tx: Transaction, input: ReservationOwner & { nanos: bigint }): Promise<void> {
    await takeTurn(tx);
    if (await this.findOf(tx, input.ownerId)) return;
    await this.caps.spend(tx, input, input.nanos);
    const { nanos } = input;
    const id = await this.insert(tx, { ...input, capNanos: nanos });
    await this.settle(tx, id, nanos);
  }

  /**
   * Charges what the work cost, at most the cap. Settling again with the same amount changes nothing, so that a handler may run
   * twice; with another amount, or after a release, it is refused.
   */
  async settle(tx: Transaction, id: string, actualNanos: bigint): Promise<Reservation> {
    const reservation = await this.lock(tx, id);
    if (reservation.status === 'settled' && reservation.actualNanos === actualNanos) return reservation;
    assertHeld(reservation);
    const settledNanos = smaller(actualNanos, reservation.capNanos);
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
    await this.caps.settle(tx, reservation.id, reservation.settledNanos ?? 0n);
    return reservation;
  }

  private async insert(tx: Transaction, input: ReservationOwner & { capNanos: bigint }): Promise<string> {
    const id = newId('resv');
    await tx.query(
      `INSERT INTO reservations (id, organization_id, project_id, owner_id, cap_nanos, currency, api_key_id, status, created_at)
       VALUES ($1, :organization, $2, $3, $4, $5, $6, 'held', $7)`,
      [id, input.projectId, input.ownerId, input.capNanos.toString(), input.currency, input.apiKeyId, this.clock.now()],
    );
    return id;
  }

  private async findOf(tx: Transaction, ownerId: string): Promise<Reservation | null> {
    const row = await tx.one<ReservationRow>(
      'SELECT * FROM reservations WHERE owner_id = $1 AND organization_id = :organization',
      [ownerId],
    );
    return row && toReservation(row);
  }

  /** The turn comes before the row: whoever opens a window locks the rows that it counts. */
  private async lock(tx: Transaction, id: string): Promise<Reservation> {
    await takeTurn(tx);
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
    currency: row.currency,
    apiKeyId: row.api_key_id,
    status: row.status,
    actualNanos: row.actual_nanos === null ? null : BigInt(row.actual_nanos),
    settledNanos: row.settled_nanos === null ? null : BigInt(row.settled_nanos),
  };
}
