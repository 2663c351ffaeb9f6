import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '#platform/database';
import { Listener } from '#platform/outbox';
import { createLogger } from '#platform/telemetry';

/** What a subscriber is shown, and by what it is told from what was shown before. */
export interface Seen<T> {
  value: T;
  fingerprint: string;
  /** Nothing can follow it. */
  isLast: boolean;
}

/**
 * What one subscriber sees, one state after another: notices say only that something changed, and it is read again under the
 * subscriber's own scope. Notices that come during a read are answered by one more read.
 */
export class Watch<T> implements AsyncIterableIterator<T> {
  private due = true;
  private closed = false;
  private finished = false;
  private shown: string | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly read: () => Promise<Seen<T> | null>,
    private readonly onClose: (watch: Watch<T>) => void,
  ) {}

  notice(): void {
    this.due = true;
    this.wake?.();
  }

  async next(): Promise<IteratorResult<T>> {
    while (!this.closed && !this.finished) {
      if (!this.due) {
        await new Promise<void>((wake) => {
          this.wake = wake;
        });
        continue;
      }
      this.due = false;
      const seen = await this.read();
      if (!seen) break;
      if (seen.fingerprint === this.shown) continue;
      this.shown = seen.fingerprint;
      this.finished = seen.isLast;
      return { value: seen.value, done: false };
    }
    return this.return();
  }

  /** Not queued behind a `next` that waits, as an async generator's would be: a subscriber that leaves is gone at once. */
  async return(): Promise<IteratorResult<T>> {
    if (!this.closed) this.onClose(this);
    this.closed = true;
    this.wake?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Tells the watchers of this process when deployments or engines changed. */
@Injectable()
export class DeploymentChanges implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly watches = new Map<Watch<unknown>, string>();
  private readonly listeners: Listener[];

  constructor(database: Database) {
    const logger = createLogger('api');
    const onConnected = () => this.noticeAll();
    this.listeners = [
      new Listener(database, logger, {
        role: 'app',
        channel: 'deployment_changed',
        onNotification: (deploymentId) => this.noticeThose((watched) => watched === deploymentId),
        onConnected,
      }),
      new Listener(database, logger, {
        role: 'app',
        channel: 'gateway_snapshot',
        onNotification: (section) => section === 'engines' && this.noticeAll(),
        onConnected,
      }),
    ];
  }

  async onApplicationBootstrap(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.start()));
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.stop()));
    await Promise.all([...this.watches.keys()].map((watch) => watch.return()));
  }

  /** The states of one deployment from now on; ends when `read` gives null. */
  watch<T>(deploymentId: string, read: () => Promise<Seen<T> | null>): Watch<T> {
    const watch = new Watch(read, (closed) => this.watches.delete(closed as Watch<unknown>));
    this.watches.set(watch as Watch<unknown>, deploymentId);
    return watch;
  }

  private noticeAll(): void {
    this.noticeThose(() => true);
  }

  private noticeThose(chosen: (deploymentId: string) => boolean): void {
    for (const [watch, deploymentId] of this.watches) if (chosen(deploymentId)) watch.notice();
  }
}
