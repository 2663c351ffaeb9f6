import { GATEWAY_ERRORS } from '../gateway.errors.js';
import type { Route, Target } from '../snapshot/snapshot.js';
import type { SnapshotFeed } from '../snapshot/snapshot-feed.js';

const RETRY_AFTER_OVERLOAD_SECONDS = 2;
/** After a failure the other engines are preferred for so long: about what the pool's keeper needs to notice. */
const DISTRUST_MILLISECONDS = 2_000;

export interface EnginePoolOptions {
  feed: SnapshotFeed;
  monotonicNow: () => number;
  maxInFlightPerEngine: number;
}

/** An engine that a call may use until it gives it back. */
export interface Lease extends Target {
  release(): void;
}

/** Which of the ready engines answers a call. */
export class EnginePool {
  private readonly inFlight = new Map<string, number>();
  private readonly failedAt = new Map<string, number>();

  constructor(private readonly options: EnginePoolOptions) {}

  /** The least busy engine that is ready for this checkpoint; null when there is none. */
  lease({ checkpointId }: Route): Lease | null {
    const targets = this.options.feed.targetsOf(checkpointId);
    if (targets.length === 0) return null;
    const free = targets.filter(({ engineId }) => this.loadOf(engineId) < this.options.maxInFlightPerEngine);
    const [best] = free.sort((a, b) => this.rank(a) - this.rank(b));
    if (!best) throw GATEWAY_ERRORS.ENGINE_OVERLOADED({ retryAfterSeconds: RETRY_AFTER_OVERLOAD_SECONDS });
    return this.take(best);
  }

  /** Prefers other engines than this for a while. */
  distrust(engineId: string): void {
    this.failedAt.set(engineId, this.options.monotonicNow());
  }

  private take(target: Target): Lease {
    const { engineId } = target;
    this.inFlight.set(engineId, this.loadOf(engineId) + 1);
    let released = false;
    return {
      ...target,
      release: () => {
        if (released) return;
        released = true;
        const left = this.loadOf(engineId) - 1;
        if (left > 0) this.inFlight.set(engineId, left);
        else this.inFlight.delete(engineId);
      },
    };
  }

  private loadOf(engineId: string): number {
    return this.inFlight.get(engineId) ?? 0;
  }

  private rank({ engineId }: Target): number {
    return this.loadOf(engineId) + (this.isDistrusted(engineId) ? this.options.maxInFlightPerEngine : 0);
  }

  private isDistrusted(engineId: string): boolean {
    const failedAt = this.failedAt.get(engineId);
    if (failedAt === undefined) return false;
    if (this.options.monotonicNow() - failedAt < DISTRUST_MILLISECONDS) return true;
    this.failedAt.delete(engineId);
    return false;
  }
}
