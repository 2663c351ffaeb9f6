import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CLOCK, type Clock } from '#libs/kernel';
import { MESSAGES } from '#libs/messages';
import { Database } from '#platform/database';
import { Outbox, Relay } from '#platform/outbox';
import type { Logger } from '#platform/telemetry';
import { type BoundHandler, Consumer } from './consumer.js';
import { handlerMetadataOf, scheduleMetadataOf } from './decorators.js';
import { Queues, type QueuesOptions } from './queues.js';
import { type BoundSchedule, Schedules } from './schedules.js';

const QUEUE_LOGGER = Symbol('QueueLogger');
const QUEUE_TIMES = Symbol('QueueTimes');
const DEFAULT_LEASE_MILLISECONDS = 15_000;
const DEFAULT_GRACE_MILLISECONDS = 20_000;
const DEFAULT_CONCURRENCY = 4;
const COMPLETED_KEPT_DAYS = 7;
const HOUSEKEEPING_MILLISECONDS = 3_600_000;

export interface QueueModuleOptions extends QueuesOptions {
  logger: Logger;
  /** How long after a process died the messages it was handling come back. */
  leaseMilliseconds?: number;
  /** How long the process waits at its end for what it is handling. */
  graceMilliseconds?: number;
}

interface QueueTimes {
  leaseMilliseconds: number;
  graceMilliseconds: number;
}

/** The worker's engine: finds every @HandlesMessage and @Every of the application, relays, handles, and stops in order. */
@Global()
@Module({})
export class QueueModule implements OnApplicationBootstrap, OnModuleDestroy {
  private relay: Relay | undefined;
  private consumer: Consumer | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly queues: Queues,
    private readonly schedules: Schedules,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(QUEUE_LOGGER) private readonly logger: Logger,
    @Inject(QUEUE_TIMES) private readonly times: QueueTimes,
  ) {}

  static forRoot(options: QueueModuleOptions): DynamicModule {
    const { logger } = options;
    const times: QueueTimes = {
      leaseMilliseconds: options.leaseMilliseconds ?? DEFAULT_LEASE_MILLISECONDS,
      graceMilliseconds: options.graceMilliseconds ?? DEFAULT_GRACE_MILLISECONDS,
    };
    return {
      module: QueueModule,
      imports: [DiscoveryModule],
      providers: [
        { provide: QUEUE_LOGGER, useValue: logger },
        { provide: QUEUE_TIMES, useValue: times },
        { provide: Queues, useFactory: () => new Queues(options, times.leaseMilliseconds, logger) },
        { provide: Schedules, inject: [Database], useFactory: (database: Database) => new Schedules(database, logger) },
        Outbox,
      ],
      exports: [Outbox, Schedules],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const handlers = Map.groupBy(this.discoverHandlers(), (handler) => handler.type);
    const unhandled = Object.keys(MESSAGES).filter((type) => !handlers.has(type as keyof typeof MESSAGES));
    if (unhandled.length > 0) this.logger.warn({ types: unhandled }, 'messages without a handler stay in the outbox');
    await this.queues.connect();
    this.consumer = new Consumer(this.outbox, handlers, this.clock, this.logger, this.times.leaseMilliseconds);
    for (const [type, group] of handlers) {
      const concurrency = Math.min(...group.map((handler) => handler.concurrency ?? DEFAULT_CONCURRENCY));
      this.queues.consume(type, concurrency, (id) => this.consumer!.handle(id));
    }
    const types = [...handlers.keys()];
    this.relay = new Relay(this.database, this.outbox, this.queues, this.clock, this.logger, { types });
    this.relay.start();
    this.schedules.start([...this.discoverSchedules(), this.housekeeping()]);
  }

  async onModuleDestroy(): Promise<void> {
    await this.relay?.stop();
    await Promise.all([this.schedules.stop(), this.queues.stopConsuming(this.times.graceMilliseconds)]);
    this.consumer?.stop();
    await this.queues.close();
    this.logger.info('the queues are left in order');
  }

  private housekeeping(): BoundSchedule {
    const run = () => {
      const kept = COMPLETED_KEPT_DAYS * 24 * 3_600_000;
      return this.outbox.deleteCompletedBefore(new Date(this.clock.now().getTime() - kept));
    };
    return { name: 'outbox.housekeeping', milliseconds: HOUSEKEEPING_MILLISECONDS, run };
  }

  private discoverHandlers(): BoundHandler[] {
    return this.methods().flatMap(({ name, method, call }) => {
      const metadata = handlerMetadataOf(method);
      return metadata ? [{ ...metadata, name, handle: call as BoundHandler['handle'] }] : [];
    });
  }

  private discoverSchedules(): BoundSchedule[] {
    return this.methods().flatMap(({ method, call }) => {
      const metadata = scheduleMetadataOf(method);
      return metadata ? [{ ...metadata, run: call as BoundSchedule['run'] }] : [];
    });
  }

  private methods(): Array<{ name: string; method: object; call: unknown }> {
    return this.discovery.getProviders().flatMap(({ instance }) => {
      if (!instance || typeof instance !== 'object' || !Object.getPrototypeOf(instance)) return [];
      return this.scanner.getAllMethodNames(Object.getPrototypeOf(instance)).map((name) => ({
        name: `${instance.constructor.name}.${name}`,
        method: instance[name],
        call: instance[name].bind(instance),
      }));
    });
  }
}
