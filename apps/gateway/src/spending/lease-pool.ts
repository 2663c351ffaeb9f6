import type { TokenUse } from '#libs/contracts';
import { type Clock, DomainError, newId } from '#libs/kernel';
import { GATEWAY_ERRORS } from '../gateway.errors.js';
import { Lease, type SpendHold } from './lease.js';
import type { LeaseClient, LeaseHolder } from './lease-client.js';

/** A lease is asked for so many calls like the one that waits; each that was used up doubles the next. */
const FEWEST_CALLS = 4;
const MOST_CALLS = 256;
/** A refusal is not asked for again before, by who asks for as much. */
const REFUSED_MILLISECONDS = 1_000;
const RETRY_AFTER_SECONDS = 1;

export interface LeasePoolParts {
  client: LeaseClient;
  recorderId: string;
  /** Whether all that ended is in the database. */
  isRecorded: () => boolean;
  clock: Clock;
  monotonicNow: () => number;
  /** Without calls for so long a lease is given back: others spend of the same caps. */
  idleMilliseconds: number;
}

interface Refusal {
  error: DomainError;
  use: TokenUse;
  until: number;
}

/** The leases by which one spender uses one model. Several may be open: what calls give back goes to the one that they took from. */
export class LeasePool {
  private leases: Lease[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private calls = FEWEST_CALLS;
  private refusal?: Refusal;
  /** Said when it was asked last: no hard cap counts this. */
  private isExempt = false;

  constructor(
    private readonly holder: LeaseHolder,
    private readonly parts: LeasePoolParts,
  ) {}

  get isEmpty(): boolean {
    return this.leases.length === 0 && this.waiting === 0;
  }

  /** Null where no hard cap counts it. Callers that find too little wait in line for the next lease. */
  async hold(use: TokenUse): Promise<SpendHold | null> {
    if (this.isExempt) return null;
    return this.fromOpenLease(use) ?? this.inTurn(() => this.holdInTurn(use));
  }

  /** Caps changed: what was said of them holds no longer. Leases do, since they are held by every cap that there is. */
  forgetAnswers(): void {
    this.isExempt = false;
    this.refusal = undefined;
  }

  /** Gives back leases that admit nothing more or are idle, if the database knows all that was used under them. */
  async closeUnused(isClosing = false): Promise<void> {
    if (!this.parts.isRecorded()) return;
    const { clock, idleMilliseconds } = this.parts;
    const now = clock.now();
    const unused = this.leases.filter(
      (lease) => lease.isAtRest && (isClosing || !lease.admitsAt(now) || lease.idleMilliseconds >= idleMilliseconds),
    );
    this.leases = this.leases.filter((lease) => !unused.includes(lease));
    for (const { id } of unused) await this.close(id);
  }

  private async holdInTurn(use: TokenUse): Promise<SpendHold | null> {
    const hold = this.fromOpenLease(use);
    if (hold || this.isExempt) return hold;
    this.refuseAgain(use);
    await this.takeLease(use);
    if (this.isExempt) return null;
    const taken = this.fromOpenLease(use);
    // Clocks that disagree about which month it is, for as long as they do.
    if (!taken) throw GATEWAY_ERRORS.SPEND_LEASE_UNAVAILABLE({ retryAfterSeconds: RETRY_AFTER_SECONDS });
    return taken;
  }

  private fromOpenLease(use: TokenUse): SpendHold | null {
    const now = this.parts.clock.now();
    for (const lease of this.leases) {
      const hold = lease.admitsAt(now) ? lease.hold(use, now) : null;
      if (hold) return hold;
    }
    return null;
  }

  private async takeLease(use: TokenUse): Promise<void> {
    const { client, recorderId, clock, monotonicNow, isRecorded } = this.parts;
    // Cut off from the database only what is leased is spent: what is recorded then comes late.
    if (!isRecorded()) throw GATEWAY_ERRORS.SPEND_LEASE_UNAVAILABLE({ retryAfterSeconds: RETRY_AFTER_SECONDS });
    const isUsedUp = this.leases.some((lease) => lease.admitsAt(clock.now()));
    this.calls = isUsedUp ? Math.min(this.calls * 2, MOST_CALLS) : FEWEST_CALLS;
    const leaseId = newId('lease');
    const wanted = { ...this.holder, leaseId, recorderId, greatestUse: use, calls: this.calls };
    try {
      const terms = await client.take(wanted);
      if (terms) this.leases.push(new Lease(terms, monotonicNow(), monotonicNow));
      else this.isExempt = true;
    } catch (error) {
      if (error instanceof DomainError && error.status === 402)
        this.refusal = { error, use, until: monotonicNow() + REFUSED_MILLISECONDS };
      throw error;
    }
  }

  private refuseAgain(use: TokenUse): void {
    const { refusal } = this;
    if (!refusal || this.parts.monotonicNow() > refusal.until) return;
    const isAsMuch = use.inputTokens >= refusal.use.inputTokens && use.outputTokens >= refusal.use.outputTokens;
    if (isAsMuch) throw refusal.error;
  }

  /** One that can't be closed now is found by the worker when it has expired. */
  private async close(leaseId: string): Promise<void> {
    await this.parts.client.close(this.holder.organizationId, leaseId).catch(() => undefined);
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.waiting++;
    const next = this.turn.then(work);
    this.turn = next.catch(() => undefined);
    try {
      return await next;
    } finally {
      this.waiting--;
    }
  }
}
