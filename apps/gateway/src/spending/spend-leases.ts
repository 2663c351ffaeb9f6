import type { GatewayKey } from '#libs/identity';
import { greatestUse } from '../admission/greatest-use.js';
import type { InferenceRequest } from '../admission/request-body.js';
import type { Route } from '../snapshot/snapshot.js';
import type { SnapshotFeed } from '../snapshot/snapshot-feed.js';
import type { SpendHold } from './lease.js';
import { LeasePool, type LeasePoolParts } from './lease-pool.js';

const SWEEP_MILLISECONDS = 1_000;

export interface SpendingCall {
  caller: GatewayKey;
  projectId: string;
  route: Route;
  listingId: string | null;
  request: InferenceRequest;
}

/**
 * Hard caps at the gateway: what a call can cost at most is taken from a lease that the caps hold beforehand. Calls of spenders under no
 * hard cap pass by one look into the snapshot.
 */
export class SpendLeases {
  private readonly pools = new Map<string, LeasePool>();
  private readonly stopListening: () => void;
  private timer?: NodeJS.Timeout;
  private hardCaps: ReadonlySet<string>;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly feed: SnapshotFeed,
    private readonly parts: LeasePoolParts,
  ) {
    this.hardCaps = feed.hardCaps;
    this.stopListening = feed.onChange(() => this.followCaps());
  }

  start(): void {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MILLISECONDS);
    this.timer.unref();
  }

  /** Gives back what is at rest; the worker finds the others when they have expired. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.stopListening();
    await this.sweeping;
    await this.closeUnused(true);
  }

  isBounded({ caller, projectId }: Pick<SpendingCall, 'caller' | 'projectId'>): boolean {
    const { hardCaps } = this.feed;
    if (hardCaps.size === 0) return false;
    return hardCaps.has(caller.organizationId) || hardCaps.has(projectId) || hardCaps.has(caller.keyId);
  }

  /** Null where no hard cap counts what the call costs. */
  hold({ caller, projectId, route, listingId, request }: SpendingCall): Promise<SpendHold | null> {
    const { familyId, baseCheckpointId, contextLength } = route;
    const key = `${projectId} ${caller.keyId} ${baseCheckpointId} ${listingId}`;
    let pool = this.pools.get(key);
    if (!pool) {
      const { organizationId, keyId: apiKeyId } = caller;
      pool = new LeasePool({ organizationId, projectId, apiKeyId, familyId, baseCheckpointId, listingId }, this.parts);
      this.pools.set(key, pool);
    }
    return pool.hold(greatestUse(request, contextLength));
  }

  private followCaps(): void {
    if (this.feed.hardCaps === this.hardCaps) return;
    this.hardCaps = this.feed.hardCaps;
    for (const pool of this.pools.values()) pool.forgetAnswers();
  }

  /** One after another: a slow api is not asked ever more. */
  private sweep(): Promise<void> {
    this.sweeping = this.sweeping.then(() => this.closeUnused());
    return this.sweeping;
  }

  private async closeUnused(isClosing = false): Promise<void> {
    for (const [key, pool] of this.pools) {
      await pool.closeUnused(isClosing);
      if (pool.isEmpty) this.pools.delete(key);
    }
  }
}
