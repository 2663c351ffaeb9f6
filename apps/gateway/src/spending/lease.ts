import { costNanos, type SpendLease, type TokenUse } from '#libs/contracts';

/** What one call may cost, taken from a lease until it is known what it did cost. */
export interface SpendHold {
  /** When it is let in: while the lease admits, whatever the clock says by the time it is recorded. */
  readonly admittedAt: Date;
  /** Gives back what it did not use. The lease stays open until its end is on record. */
  settle(used: TokenUse, recorded: Promise<void>): void;
}

/** A lease in this process: what of it is left, and how many calls are not yet final on record. */
export class Lease {
  private leftNanos: bigint;
  private calls = 0;
  private lost = false;

  constructor(
    private readonly terms: SpendLease,
    private usedAt: number,
    private readonly monotonicNow: () => number,
  ) {
    this.leftNanos = terms.nanos;
  }

  get id(): string {
    return this.terms.id;
  }

  admitsAt(now: Date): boolean {
    return this.terms.admitsFrom <= now && now < this.terms.expiresAt;
  }

  /** Whether nothing is under way under it; of a call whose end could be recorded nowhere that is never known. */
  get isAtRest(): boolean {
    return this.calls === 0 && !this.lost;
  }

  get idleMilliseconds(): number {
    return this.monotonicNow() - this.usedAt;
  }

  /** Null where too little is left. Nothing else runs between looking and taking. */
  hold(greatest: TokenUse, admittedAt: Date): SpendHold | null {
    const held = costNanos(this.terms.prices, greatest);
    if (held > this.leftNanos) return null;
    this.leftNanos -= held;
    this.calls++;
    this.usedAt = this.monotonicNow();
    let settled = false;
    return {
      admittedAt,
      settle: (used, recorded) => {
        if (settled) return;
        settled = true;
        // Should it have cost more than was thought possible, the next calls have less.
        this.leftNanos += held - costNanos(this.terms.prices, used);
        this.endWhen(recorded);
      },
    };
  }

  private endWhen(recorded: Promise<void>): void {
    recorded
      .catch(() => {
        this.lost = true;
      })
      .finally(() => {
        this.calls--;
        this.usedAt = this.monotonicNow();
      });
  }
}
