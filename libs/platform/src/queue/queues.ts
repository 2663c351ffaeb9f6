import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { MessageQueues } from '#platform/outbox';
import type { Logger } from '#platform/telemetry';

export interface QueuesOptions {
  url: string;
  /** Begins every key, so that several installations can share one server. */
  prefix?: string;
}

/**
 * BullMQ: a queue per message type, holding ids only. What is in it is a copy of open outbox rows and may be lost at any
 * moment; retries and delays are the outbox's business, so a job is tried here once and then gone.
 */
export class Queues implements MessageQueues {
  private readonly queues = new Map<string, Queue>();
  private readonly workers: Worker[] = [];
  private readonly connection: Redis;
  private readonly prefix: string;

  constructor(
    private readonly options: QueuesOptions,
    private readonly leaseMilliseconds: number,
    private readonly logger: Logger,
  ) {
    this.prefix = options.prefix ?? 'forkpoint';
    // Fails at once while Redis is away: the relay holds a transaction open meanwhile, and comes again.
    this.connection = new Redis(options.url, { maxRetriesPerRequest: 0, enableOfflineQueue: false, lazyConnect: true });
    this.connection.on('error', (error) => this.logger.warn({ err: error }, 'Redis does not answer'));
  }

  /** While Redis is away nothing is lost and nothing moves; the connection comes back by itself. */
  async connect(): Promise<void> {
    await this.connection.connect().catch((error: unknown) => this.logger.warn({ err: error }, 'Redis is away'));
  }

  async add(messages: ReadonlyArray<{ id: string; type: string }>): Promise<void> {
    for (const [type, group] of Map.groupBy(messages, (message) => message.type)) {
      await this.queue(type).addBulk(group.map(({ id }) => ({ name: type, data: { id }, opts: { jobId: id } })));
    }
  }

  async wereEmptied(): Promise<boolean> {
    return (await this.connection.exists(this.markerKey)) === 0;
  }

  async markFilled(): Promise<void> {
    await this.connection.set(this.markerKey, '1');
  }

  /** Begins to take messages of a type: `handle` gets their ids, `concurrency` at a time, and never throws. */
  consume(type: string, concurrency: number, handle: (id: string) => Promise<void>): void {
    const worker = new Worker(type, (job) => handle(job.data.id), {
      connection: { url: this.options.url, maxRetriesPerRequest: null },
      prefix: this.prefix,
      concurrency,
      lockDuration: this.leaseMilliseconds,
      stalledInterval: this.leaseMilliseconds / 2,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    // A flush takes the job away under its handler; what the handler did is recorded in the outbox all the same.
    worker.on('error', (error) => this.logger.debug({ err: error, type }, 'BullMQ worker'));
    this.workers.push(worker);
  }

  /** Takes no more messages, and waits for those that are being handled. */
  async stopConsuming(graceMilliseconds: number): Promise<void> {
    const closed = Promise.all(this.workers.map((worker) => worker.close()));
    const deadline = new Promise((resolve) => setTimeout(resolve, graceMilliseconds, 'late').unref());
    if ((await Promise.race([closed, deadline])) === 'late') {
      this.logger.warn('messages are still being handled: they will be handled again');
      await Promise.all(this.workers.map((worker) => worker.close(true)));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    this.connection.disconnect();
  }

  private get markerKey(): string {
    return `${this.prefix}:filled`;
  }

  private queue(type: string): Queue {
    let queue = this.queues.get(type);
    if (!queue) {
      queue = new Queue(type, {
        connection: this.connection,
        prefix: this.prefix,
        defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
        skipWaitingForReady: true,
      });
      queue.on('error', (error) => this.logger.debug({ err: error, type }, 'BullMQ queue'));
      this.queues.set(type, queue);
    }
    return queue;
  }
}
