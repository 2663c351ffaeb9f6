import { Inject, Injectable } from '@nestjs/common';
import {
  CLOCK,
  type Clock,
  type Currency,
  Fraction,
  larger,
  type Meter,
  monthAfter,
  monthOf,
  smaller,
} from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type CountedCap, leftOf } from '../caps/spend-cap.js';
import { SpendCapKeeper } from '../caps/spend-cap-keeper.js';
import { PriceService } from '../pricing/price.service.js';
import { highestNanos, type Price, type PriceBook, unitPrice } from '../pricing/price-book.js';
import { ReservationService } from '../reservation.service.js';
import { costNanos, type SpendLease, type TokenPrices, type TokenUse, type UnitPrice } from './spend-lease.js';
import { type ClosedLease, closedLeases, deleteLease, insertLease, markClosed } from './spend-lease.repository.js';

/** Short, since what was spent under a lease is held and counted at once until the lease is closed. */
const TERM_MILLISECONDS = 30_000;
/** A lease that holds more than one call takes no more than this part of what is left: others spend too. */
const SHARE_OF_REST = 4n;

export interface LeaseRequest {
  /** Chosen by the gateway, so that a lease whose answer got lost can be closed. */
  leaseId: string;
  recorderId: string;
  projectId: string;
  apiKeyId: string;
  familyId: string;
  baseCheckpointId: string;
  /** By which another partner's variant is used; null for what is no such. */
  listingId: string | null;
  /** What the call that waits can use at most. */
  greatestUse: TokenUse;
  /** For how many such calls it is wanted. */
  calls: number;
}

interface LeasedPrices extends TokenPrices {
  currency: Currency;
  /** Of tiers, and of a package begun: once in a lease, however many calls. */
  feeNanos: bigint;
}

const FREE: UnitPrice = { priceNanos: 0n, perUnits: 1n };

/**
 * Leases of hard caps for gateways: reservations, taken by the door of jobs' before calls are let in. What a lease holds stays held
 * until it is closed, which says that everything admitted under it is final on record, and caps have counted all that was final by then.
 */
@Injectable()
export class SpendLeaseService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly prices: PriceService,
    private readonly caps: SpendCapKeeper,
    private readonly reservations: ReservationService,
  ) {}

  /**
   * For the scope's organization, by the system. Refused with SPEND_CAP_EXCEEDED where a hard cap has too little left for the one call;
   * null where no hard cap counts what it costs.
   */
  async take(tx: Transaction, request: LeaseRequest): Promise<SpendLease | null> {
    const now = this.clock.now();
    const book = await this.prices.bookFor(tx);
    const prices = pricesIn(book, request, now);
    if (!prices) return null;
    const { leaseId, projectId, apiKeyId, recorderId, greatestUse, calls } = request;
    const { currency, feeNanos } = prices;
    const callNanos = costNanos(prices, greatestUse);
    const spender = { projectId, apiKeyId, currency };
    const counted = await this.caps.admit(tx, spender, feeNanos + callNanos);
    const hard = counted.filter(({ cap }) => cap.isHard);
    if (hard.length === 0) return null;
    const nanos = larger(callNanos, smaller(callNanos * BigInt(calls), leastLeft(hard) / SHARE_OF_REST - feeNanos));
    const reservationId = await this.reservations.reserve(tx, {
      ...spender,
      ownerId: leaseId,
      capNanos: feeNanos + nanos,
    });
    const expiresAt = endOfTerm(book, now);
    await insertLease(tx, { id: leaseId, reservationId, recorderId, expiresAt });
    return { id: leaseId, nanos, currency, prices, admitsFrom: new Date(monthOf(now)), expiresAt };
  }

  /** Nothing is admitted under it any more, and all that was is final on record. Again, or of none, it changes nothing. */
  async close(tx: Transaction, leaseId: string): Promise<void> {
    await markClosed(tx, leaseId);
  }

  /** The leases of the scope's organization that hold on only for what caps have not counted yet. */
  closed(tx: Transaction): Promise<ClosedLease[]> {
    return closedLeases(tx);
  }

  /** Gives back all that it held: caps have counted what was spent under it. */
  async release(tx: Transaction, lease: ClosedLease): Promise<void> {
    await this.reservations.release(tx, lease.reservationId);
    await deleteLease(tx, lease);
  }
}

/** Null where nothing has a price, so that no cap counts it. */
function pricesIn(book: PriceBook, request: LeaseRequest, at: Date): LeasedPrices | null {
  const { projectId, familyId, baseCheckpointId, listingId } = request;
  const find = (meter: Meter) =>
    book.find({ meter, projectId, familyId, baseCheckpointId, listingId, method: null }, at);
  const prompts = [find('input_tokens'), find('cached_input_tokens')].filter((price) => price !== null);
  const output = find('output_tokens');
  const priced = output ? [...prompts, output] : prompts;
  const [first] = priced;
  if (!first) return null;
  return {
    currency: first.currency,
    // How much of a prompt is cached is known when it is answered.
    inputTokens: prompts.map(unitPrice).reduce(dearer, FREE),
    outputTokens: output ? unitPrice(output) : FREE,
    feeNanos: priced.reduce((sum, price) => sum + feeOf(price), 0n),
  };
}

function dearer(one: UnitPrice, other: UnitPrice): UnitPrice {
  return one.priceNanos * other.perUnits < other.priceNanos * one.perUnits ? other : one;
}

/** What a price can come to beyond its dearest unit's. */
function feeOf(price: Price): bigint {
  const { priceNanos, perUnits } = unitPrice(price);
  return highestNanos(price, 1n).sub(new Fraction(priceNanos, perUnits)).ceil().n;
}

function leastLeft(counted: readonly CountedCap[]): bigint {
  return counted.map(leftOf).reduce(smaller);
}

/** Before another month begins, or another price. */
function endOfTerm(book: PriceBook, now: Date): Date {
  const ends = [now.getTime() + TERM_MILLISECONDS, new Date(monthAfter(now)).getTime()];
  const changes = book.changes().map((time) => time.getTime());
  return new Date(Math.min(...ends, ...changes.filter((time) => time > now.getTime())));
}
