import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '#platform/database';
import { Listener } from '#platform/outbox';
import { Every, Schedules } from '#platform/queue';
import type { Logger } from '#platform/telemetry';
import { EnginePool } from './engine-pool.js';
import { SPECIAL_TOKENS_SCHEDULE } from './special-tokens.js';

export const ENGINE_POOL_SCHEDULE = 'deployments.engine-pool';
/** How often engines are looked at while one of them starts, drains or loads. */
const SOON_MILLISECONDS = 250;

export const ENGINE_POOL_SETTINGS = Symbol('EnginePoolSettings');
export interface EnginePoolSettings {
  logger: Logger;
  /** Left running, they are taken up by the next worker. */
  enginesOutliveWorker: boolean;
}

/** Turns the engine pool: every few seconds, and at once when something is wanted. */
@Injectable()
export class EnginePoolJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly listeners: Listener[];
  private timer: NodeJS.Timeout | undefined;
  private turning: Promise<boolean> = Promise.resolve(false);
  private closed = false;

  constructor(
    private readonly pool: EnginePool,
    private readonly schedules: Schedules,
    database: Database,
    @Inject(ENGINE_POOL_SETTINGS) private readonly settings: EnginePoolSettings,
  ) {
    const wakers = {
      engine_demand: ENGINE_POOL_SCHEDULE,
      deployment_changed: ENGINE_POOL_SCHEDULE,
      gateway_snapshot: SPECIAL_TOKENS_SCHEDULE,
    };
    this.listeners = Object.entries(wakers).map(
      ([channel, schedule]) =>
        new Listener(database, settings.logger, {
          role: 'reconciler',
          channel,
          // The channel tells of engines too, which bring no new tokenizer.
          onNotification: (payload) => payload !== 'engines' && payload !== 'keys' && schedules.runSoon(schedule),
        }),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.start()));
  }

  @Every('2s', ENGINE_POOL_SCHEDULE)
  async turn(_signal: AbortSignal): Promise<void> {
    if (this.closed) return;
    this.turning = this.pool.turn();
    if (await this.turning) this.comeBackSoon();
  }

  private comeBackSoon(): void {
    if (this.closed || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.schedules.runSoon(ENGINE_POOL_SCHEDULE);
    }, SOON_MILLISECONDS);
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await Promise.all(this.listeners.map((listener) => listener.stop()));
    await this.turning.catch(() => false);
    await this.pool.close({ stopEngines: !this.settings.enginesOutliveWorker });
  }
}
