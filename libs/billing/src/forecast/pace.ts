import type { UsageEvent } from '../invoicing/index.js';

/** A time in milliseconds since 1970 until another one, exclusive. */
export interface Span {
  from: number;
  to: number;
}

type Use = Omit<UsageEvent, 'id' | 'at' | 'receivedAt' | 'quantity'>;

/** What was used in a span of the past, by everything that a price may depend on; and the same use going on. */
export class Pace {
  readonly #totals = new Map<string, { use: Use; quantity: bigint }>();

  constructor(readonly observed: Span) {}

  add({ id: _id, at, receivedAt: _receivedAt, quantity, ...use }: UsageEvent): void {
    if (at < this.observed.from || at >= this.observed.to) return;
    const key = JSON.stringify([use.meter, use.projectId, use.familyId, use.checkpointId, use.listingId, use.method]);
    const total = this.#totals.get(key) ?? { use, quantity: 0n };
    total.quantity += quantity;
    this.#totals.set(key, total);
  }

  /** One event for each kind of use and each span: spans end where prices or periods change. Over them nothing is lost by rounding. */
  *goingOn(spans: readonly Span[]): Generator<UsageEvent> {
    const observedFor = BigInt(this.observed.to - this.observed.from);
    for (const [key, { use, quantity }] of this.#totals) {
      let elapsed = 0n;
      let used = 0n;
      for (const { from, to } of spans) {
        elapsed += BigInt(to - from);
        const usedThen = (quantity * elapsed) / observedFor;
        if (usedThen > used)
          yield { ...use, id: `${key} ${from}`, at: from, receivedAt: from, quantity: usedThen - used };
        used = usedThen;
      }
    }
  }
}
