import type { Logger } from '#platform/telemetry';
import { GATEWAY_ERRORS } from '../gateway.errors.js';
import type { SnapshotFeed } from '../snapshot/snapshot-feed.js';

/** A caller told to come back comes back within this time. */
const LONGEST_RETRY_AFTER_SECONDS = 60;
/** Also without a change of the snapshot it is looked again this often. */
const LONGEST_NAP_MILLISECONDS = 5_000;

export interface WaitingRoomOptions {
  feed: SnapshotFeed;
  logger: Logger;
  monotonicNow: () => number;
  waitSeconds: number;
  maxHeld: number;
  maxHeldPerKey: number;
}

export interface WaitingCall {
  model: string;
  keyId: string;
  /** Monotonic milliseconds after which waiting ends. */
  deadline: number;
  /** Given when the caller goes away. */
  signal: AbortSignal;
}

/** Holds calls, without a byte sent, until the snapshot has what they need. Bounded in number, per key too, and in time. */
export class WaitingRoom {
  private readonly heldByKey = new Map<string, number>();
  private held = 0;

  constructor(private readonly options: WaitingRoomOptions) {}

  deadlineFromNow(): number {
    return this.options.monotonicNow() + this.options.waitSeconds * 1000;
  }

  /** What `attempt` gives as soon as that is not null: at once, or after waiting. Throws ENGINE_STARTING after the deadline. */
  async until<T>(call: WaitingCall, attempt: () => T | null): Promise<T> {
    const immediate = attempt();
    if (immediate !== null) return immediate;
    const leave = this.enter(call);
    try {
      return await this.repeat(call, attempt);
    } finally {
      leave();
    }
  }

  private async repeat<T>(call: WaitingCall, attempt: () => T | null): Promise<T> {
    const { feed, logger, monotonicNow } = this.options;
    logger.info({ model: call.model, held: this.held }, 'a call waits for its engine');
    for (;;) {
      const left = call.deadline - monotonicNow();
      if (left <= 0)
        throw GATEWAY_ERRORS.ENGINE_STARTING({ model: call.model, retryAfterSeconds: this.retryAfterSeconds });
      await feed.nextChange(Math.min(left, LONGEST_NAP_MILLISECONDS), call.signal);
      call.signal.throwIfAborted();
      const result = attempt();
      if (result !== null) return result;
    }
  }

  private enter({ keyId, model }: WaitingCall): () => void {
    const heldOfKey = this.heldByKey.get(keyId) ?? 0;
    if (this.held >= this.options.maxHeld || heldOfKey >= this.options.maxHeldPerKey) {
      throw GATEWAY_ERRORS.TOO_MANY_WAITING({ model, retryAfterSeconds: this.retryAfterSeconds });
    }
    this.held++;
    this.heldByKey.set(keyId, heldOfKey + 1);
    return () => {
      this.held--;
      const left = (this.heldByKey.get(keyId) as number) - 1;
      if (left > 0) this.heldByKey.set(keyId, left);
      else this.heldByKey.delete(keyId);
    };
  }

  private get retryAfterSeconds(): number {
    return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(this.options.waitSeconds / 2)));
  }
}
