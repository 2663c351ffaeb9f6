import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#libs/kernel';
import type { Database } from '#platform/database';
import type { Logger } from '#platform/telemetry';
import { Listener } from './listener.js';
import type { Outbox } from './outbox.js';

/** Where the relay hands messages over. */
export interface MessageQueues {
  /** Adding a message that is waiting or being handled changes nothing. */
  add(messages: ReadonlyArray<{ id: string; type: string }>): Promise<void>;
  /** True once after the queues lost what they held. */
  wereEmptied(): Promise<boolean>;
  /** From now on `wereEmptied` notices the next loss. */
  markFilled(): Promise<void>;
}

export interface RelayOptions {
  /** Messages of other types stay in the outbox: no handler of theirs is known here. */
  types: readonly string[];
  pollMilliseconds?: number;
  /** How long a published message may go untaken before it is published again (the queues may have lost their last second). */
  republishMilliseconds?: number;
}

const BATCH = 200;
const AFTER_FAILURE_MILLISECONDS = 1000;

/**
 * Moves messages from the outbox to the queues: woken by NOTIFY, and by a poll for what is delayed, retried or was lost.
 * Several relays may run at once; each row is taken by one of them.
 */
export class Relay {
  private readonly listener: Listener;
  private readonly stopping = new AbortController();
  private waking: AbortController | undefined;
  private pending = false;
  private running: Promise<void> | undefined;

  constructor(
    database: Database,
    private readonly outbox: Outbox,
    private readonly queues: MessageQueues,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: RelayOptions,
  ) {
    const wake = () => this.wake();
    this.listener = new Listener(database, logger, {
      role: 'relay',
      channel: 'outbox',
      onNotification: wake,
      onConnected: wake,
    });
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.listener.stop();
    await this.running;
  }

  private wake(): void {
    this.pending = true;
    this.waking?.abort();
  }

  private async run(): Promise<void> {
    await this.listener.start();
    while (!this.stopping.signal.aborted) {
      this.pending = false;
      try {
        await this.drain();
        await this.idle(this.options.pollMilliseconds ?? 1000);
      } catch (error) {
        this.logger.warn({ err: error }, 'messages could not be relayed and are tried again');
        await this.idle(AFTER_FAILURE_MILLISECONDS);
      }
    }
  }

  private async drain(): Promise<void> {
    if (await this.queues.wereEmptied()) {
      this.logger.warn('the queues were emptied: everything open is published again');
      await this.outbox.forgetPublications();
      await this.queues.markFilled();
    }
    let published = BATCH;
    while (published === BATCH && !this.stopping.signal.aborted) {
      const now = this.clock.now();
      const publishedBefore = new Date(now.getTime() - (this.options.republishMilliseconds ?? 30_000));
      published = await this.outbox.publish({ types: this.options.types, now, publishedBefore, limit: BATCH }, (rows) =>
        this.queues.add(rows),
      );
    }
  }

  private async idle(milliseconds: number): Promise<void> {
    if (this.pending) return;
    this.waking = new AbortController();
    await sleep(milliseconds, undefined, { signal: this.waking.signal }).catch(() => undefined);
    this.waking = undefined;
  }
}
