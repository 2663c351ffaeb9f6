import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, DomainError } from '#libs/kernel';
import type { Database } from '#platform/database';
import type { Logger } from '#platform/telemetry';
import { ENGINE_ERRORS } from '../deployments.errors.js';
import type { CheckpointCache } from '../engine/checkpoint-cache.js';
import type { EngineClient, EngineConnector, EngineHost, EnginePlan } from '../engine/engine.js';
import { type EngineSizing, planEngine, readModelConfig } from '../engine/engine.plan.js';
import type { StaticHost } from '../engine/static.host.js';
import type { EngineAdapterState, EngineState } from '../engine.state.js';
import type { PoolLimits } from './engine-pool.config.js';
import {
  type EngineChange,
  type EngineRow,
  moveAdapter,
  moveEngine,
  readAdapter,
  readBases,
} from './engine-pool.repository.js';

export interface EngineKeeperOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  limits: PoolLimits;
  cache: CheckpointCache;
  /** Where the pool's own engines run. */
  host: EngineHost;
  /** Those that an operator runs. */
  operated: StaticHost;
  connect: EngineConnector;
  sizing: EngineSizing;
  onProgress: () => void;
}

const FIRST_PAUSE_SECONDS = 2;
const LONGEST_PAUSE_SECONDS = 300;
/** After being ready for this long an engine's failure is its first again. */
const STABLE_SECONDS = 600;
/** A ready engine that does not answer this often in a row is taken for hung. */
const SILENT_CHECKS = 3;

type Observed = EngineRow & { requests: number | null };

/** Does to engines what takes time, one thing at a time per engine or adapter, and records how each ended. */
export class EngineKeeper {
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly silences = new Map<string, number>();
  /** Engines whose adapters were compared with what is recorded, since this process began. */
  private readonly compared = new Set<string>();

  constructor(private readonly options: EngineKeeperOptions) {}

  get busy(): boolean {
    return this.underWay.size > 0;
  }

  async settle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay.values());
  }

  /** Sees how each engine is, and begins what follows from it. */
  async observe(engines: readonly EngineRow[]): Promise<Observed[]> {
    return Promise.all(
      engines.map((engine) =>
        this.observeOne(engine).catch((error: unknown): Observed => {
          this.options.logger.warn({ err: error, engineId: engine.id }, 'an engine could not be observed');
          return { ...engine, requests: null };
        }),
      ),
    );
  }

  stop(engine: EngineRow): void {
    this.begin(engine.id, async () => {
      await this.hostOf(engine).stop(engine.id);
      await this.move(engine, 'stopped');
    });
  }

  load(engine: EngineRow, checkpointId: string): void {
    this.begin(`${engine.id} ${checkpointId}`, async () => {
      try {
        const { database, cache } = this.options;
        const { baseCheckpointId } = engine;
        const adapter = await database.as('reconciler', (tx) => readAdapter(tx, checkpointId, baseCheckpointId));
        if (!adapter) throw ENGINE_ERRORS.ENGINE_FILES_MISSING({ checkpoint: checkpointId, missing: 'adapter' });
        await this.clientOf(engine).loadAdapter(checkpointId, await cache.folder(adapter));
        await this.moveAdapter(engine, checkpointId, 'loading', 'ready');
      } catch (error) {
        this.options.logger.warn({ err: error, engineId: engine.id, checkpointId }, 'an adapter could not be loaded');
        const retryAt = this.later(LONGEST_PAUSE_SECONDS / 10);
        await this.moveAdapter(engine, checkpointId, 'loading', 'failed', { lastError: messageOf(error), retryAt });
      }
    });
  }

  unload(engine: EngineRow, checkpointId: string, from: EngineAdapterState): void {
    this.begin(`${engine.id} ${checkpointId}`, async () => {
      if (from !== 'failed') await this.clientOf(engine).unloadAdapter(checkpointId);
      await this.moveAdapter(engine, checkpointId, from, 'unloaded');
    });
  }

  private async observeOne(engine: EngineRow): Promise<Observed> {
    // What is being done to it will record how it went.
    if (this.underWay.has(engine.id)) return { ...engine, requests: null };
    if (engine.state === 'desired') {
      this.launch(engine);
      return { ...engine, requests: null };
    }
    const process = await this.hostOf(engine).observe(engine.id);
    if (!process.running) {
      // Until its end is recorded it counts as there: nothing is begun in its place without a pause.
      this.begin(engine.id, () => this.fail(engine, process.reason));
      return { ...engine, requests: null };
    }
    if (engine.state === 'starting') return this.observeStarting(engine);
    return this.observeServing(engine);
  }

  /** Fetches the base, plans the engine from its files, and starts it. */
  private launch(engine: EngineRow): void {
    this.begin(engine.id, async () => {
      try {
        const { plan, url } = await this.start(engine);
        await this.move(engine, 'starting', { url, memoryBytes: plan?.memoryBytes });
      } catch (error) {
        await this.fail(engine, messageOf(error));
      }
    });
  }

  private async start(engine: EngineRow): Promise<{ plan?: EnginePlan; url: string }> {
    const { baseCheckpointId } = engine;
    const { database, cache, sizing, host, operated } = this.options;
    if (engine.managedBy === 'operator') return operated.start({ baseCheckpointId });
    const base = (await database.as('reconciler', (tx) => readBases(tx, [baseCheckpointId]))).get(baseCheckpointId);
    if (!base) throw ENGINE_ERRORS.ENGINE_FILES_MISSING({ checkpoint: baseCheckpointId, missing: 'published base' });
    const modelFolder = await cache.folder(base);
    const config = readModelConfig(await readFile(join(modelFolder, 'config.json'), 'utf8'));
    const plan = planEngine({ engineId: engine.id, baseCheckpointId, modelFolder, config, ...base, sizing });
    return { plan, ...(await host.start(plan)) };
  }

  private async observeStarting(engine: EngineRow): Promise<Observed> {
    const { limits, clock } = this.options;
    const client = this.clientOf(engine);
    if (await client.isHealthy()) {
      this.begin(engine.id, async () => {
        try {
          await client.probe();
          await this.move(engine, 'ready');
          this.compared.add(engine.id);
        } catch (error) {
          await this.fail(engine, messageOf(error));
        }
      });
    } else if (secondsBetween(engine.startingAt!, clock.now()) > limits.startSeconds) {
      this.begin(engine.id, () => this.fail(engine, `not ready after ${limits.startSeconds} s`));
    }
    return { ...engine, requests: null };
  }

  private async observeServing(engine: EngineRow): Promise<Observed> {
    const client = this.clientOf(engine);
    if (!(await client.isHealthy())) {
      const silences = (this.silences.get(engine.id) ?? 0) + 1;
      this.silences.set(engine.id, silences);
      if (silences >= SILENT_CHECKS) this.begin(engine.id, () => this.fail(engine, 'it stopped answering'));
      return { ...engine, requests: null };
    }
    this.silences.delete(engine.id);
    if (!this.compared.has(engine.id)) await this.compare(engine, client);
    for (const adapter of engine.adapters) {
      // Begun by a process that is gone: loading twice does no harm.
      if (adapter.state === 'loading' && !this.underWay.has(`${engine.id} ${adapter.checkpointId}`)) {
        this.load(engine, adapter.checkpointId);
      }
    }
    // An adapter that something is being done to counts as loading: nothing else is begun with it.
    const adapters = engine.adapters.map((adapter) =>
      this.underWay.has(`${engine.id} ${adapter.checkpointId}`) ? { ...adapter, state: 'loading' as const } : adapter,
    );
    return { ...engine, adapters, requests: engine.state === 'draining' ? await requestsOf(client) : null };
  }

  /** An engine found running may hold other adapters than its rows say: the rows are brought in line with it. */
  private async compare(engine: EngineRow, client: EngineClient): Promise<void> {
    const loaded = await client.adapters();
    for (const adapter of [...engine.adapters]) {
      if (adapter.state === 'loading' || adapter.state === 'failed' || loaded.has(adapter.checkpointId)) continue;
      await this.moveAdapter(engine, adapter.checkpointId, adapter.state, 'unloaded');
      engine.adapters.splice(engine.adapters.indexOf(adapter), 1);
    }
    const known = new Set(engine.adapters.map((adapter) => adapter.checkpointId));
    for (const checkpointId of loaded) if (!known.has(checkpointId)) await client.unloadAdapter(checkpointId);
    this.compared.add(engine.id);
  }

  /** Ends what is left of it, and records the failure and when its base may be tried again: the pause doubles with each failure in a row. */
  private async fail(engine: EngineRow, reason: string): Promise<void> {
    await this.hostOf(engine).stop(engine.id);
    const stable = engine.readyAt && secondsBetween(engine.readyAt, this.options.clock.now()) > STABLE_SECONDS;
    const failures = stable ? 1 : engine.failures + 1;
    const pause = Math.min(FIRST_PAUSE_SECONDS * 2 ** (failures - 1), LONGEST_PAUSE_SECONDS);
    this.options.logger.error(
      { engineId: engine.id, base: engine.baseCheckpointId, reason, failures },
      'an engine failed',
    );
    await this.move(engine, 'failed', { lastError: reason, failures, retryAt: this.later(pause) });
    this.silences.delete(engine.id);
  }

  private async move(engine: EngineRow, to: EngineState, change?: EngineChange): Promise<void> {
    const { database, clock, logger } = this.options;
    const move = { id: engine.id, from: engine.state, to, now: clock.now(), change };
    if (await database.as('reconciler', (tx) => moveEngine(tx, move))) return;
    logger.warn({ engineId: engine.id, from: engine.state, to }, 'an engine moved meanwhile');
  }

  private async moveAdapter(
    engine: EngineRow,
    checkpointId: string,
    from: EngineAdapterState,
    to: EngineAdapterState,
    change: { lastError?: string; retryAt?: Date } = {},
  ): Promise<void> {
    const now = this.options.clock.now();
    await this.options.database.as('reconciler', (tx) =>
      moveAdapter(tx, { engineId: engine.id, checkpointId, from, to, now, ...change }),
    );
  }

  /** Runs beside the turns. One thing at a time under a name; what fails is logged, and a later turn sees to it. */
  private begin(name: string, work: () => Promise<void>): void {
    if (this.underWay.has(name)) return;
    const running = work()
      .catch((error: unknown) => this.options.logger.error({ err: error, name }, 'work on an engine failed'))
      .finally(() => {
        this.underWay.delete(name);
        this.options.onProgress();
      });
    this.underWay.set(name, running);
  }

  private hostOf(engine: EngineRow): EngineHost {
    return engine.managedBy === 'operator' ? this.options.operated : this.options.host;
  }

  private clientOf(engine: EngineRow): EngineClient {
    return this.options.connect({ url: engine.url!, baseCheckpointId: engine.baseCheckpointId });
  }

  private later(seconds: number): Date {
    return new Date(this.options.clock.now().getTime() + seconds * 1000);
  }
}

const secondsBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000;

const messageOf = (error: unknown): string =>
  error instanceof DomainError
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? error.message
      : String(error);

async function requestsOf(client: EngineClient): Promise<number | null> {
  return client.activity().then(
    ({ requests }) => requests,
    () => null,
  );
}
