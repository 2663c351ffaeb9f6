import { type Clock, newId } from '#libs/kernel';
import type { Database } from '#platform/database';
import type { Logger } from '#platform/telemetry';
import type { CheckpointCache } from '../engine/checkpoint-cache.js';
import type { EngineConnector, EngineHost } from '../engine/engine.js';
import { DEFAULT_SIZING, type EngineSizing, estimateMemoryBytes } from '../engine/engine.plan.js';
import { StaticHost } from '../engine/static.host.js';
import { EngineKeeper } from './engine-keeper.js';
import type { PoolLimits } from './engine-pool.config.js';
import { type PoolAction, type PoolView, planPool } from './engine-pool.plan.js';
import {
  type BaseCheckpoint,
  type EngineRow,
  forgetDemand,
  insertEngine,
  markObserved,
  moveAdapter,
  moveEngine,
  readBases,
  readCheckpointIds,
  readDemand,
  readEngines,
  readFailures,
  recordHost,
} from './engine-pool.repository.js';

export interface EnginePoolOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  limits: PoolLimits;
  cache: CheckpointCache;
  cacheBytes: number;
  /** Where the pool's own engines run. */
  host: EngineHost;
  connect: EngineConnector;
  /** Names this machine in the table of engines. */
  hostName: string;
  /** Engines run by an operator: name or id of the base checkpoint to address. */
  operatorUrls: Readonly<Record<string, string>>;
  sizing?: EngineSizing;
  /** Called when something that was under way has ended: the next turn should come soon. */
  onProgress: () => void;
}

/** Rows of a machine that was silent for this long are given up, so that another one may serve their bases. */
const SILENCE_SECONDS = 60;
const OBSERVED_EVERY_SECONDS = 15;
const PRUNE_EVERY_SECONDS = 600;
const IN_FLUX = new Set<string>(['desired', 'starting', 'draining']);

/**
 * Keeps the engines that are wanted. A turn reads what is wanted and what there is, observes the engines, plans, and acts; what
 * takes long (fetching, starting, loading, stopping) goes on beside the turns and is recorded when it ends. All that is
 * known stands in PostgreSQL and in the files of the host: after a crash the next turn goes on from there.
 */
export class EnginePool {
  private readonly keeper: EngineKeeper;
  private readonly operated = new StaticHost();
  private readonly sizing: EngineSizing;
  private prunedAt = 0;
  private toldAt = 0;

  constructor(private readonly options: EnginePoolOptions) {
    this.sizing = options.sizing ?? DEFAULT_SIZING;
    this.keeper = new EngineKeeper({ ...options, sizing: this.sizing, operated: this.operated });
  }

  /** One turn. True: something is under way, so the next turn should come soon. */
  async turn(): Promise<boolean> {
    const { database, hostName, host, limits, logger } = this.options;
    const now = this.options.clock.now();
    const rows = await database.as('reconciler', readEngines);
    const own = rows.filter((engine) => engine.host === hostName);
    const ended = await host.stopOthers(new Set(own.map((engine) => engine.id)));
    if (ended.length > 0) logger.warn({ engines: ended }, 'ended engines that no row knows');
    await this.giveUpSilent(rows, now);
    const live = await this.keeper.observe(own);
    const elsewhere = rows.filter((engine) => engine.host !== hostName);
    const { view, bases } = await this.view(live, elsewhere, now);
    for (const action of planPool(view, limits)) {
      logger.info(action, 'engine pool acts');
      await this.act(action, live, bases, view);
    }
    await this.recordObserved(live, now);
    await this.tellLimits(now);
    await this.prune(rows, now);
    return this.keeper.busy || live.some((engine) => IN_FLUX.has(engine.state));
  }

  /** Waits for what is under way; with `stopEngines` ends this machine's engines too. */
  async close({ stopEngines }: { stopEngines: boolean }): Promise<void> {
    await this.keeper.settle();
    if (!stopEngines) return;
    const rows = await this.options.database.as('reconciler', readEngines);
    for (const engine of rows) {
      if (engine.host === this.options.hostName && engine.managedBy === 'pool') this.keeper.stop(engine);
    }
    await this.keeper.settle();
  }

  private async view(
    live: ReadonlyArray<EngineRow & { requests: number | null }>,
    elsewhere: readonly EngineRow[],
    now: Date,
  ): Promise<{ view: PoolView; bases: ReadonlyMap<string, BaseCheckpoint & { failures: number }> }> {
    const { database, limits, operatorUrls } = this.options;
    const since = new Date(now.getTime() - limits.idleSeconds * 1000);
    const served = new Set([...live, ...elsewhere].map((engine) => engine.baseCheckpointId));
    return database.as('reconciler', async (tx) => {
      await forgetDemand(tx, since);
      const demand = await readDemand(tx, since);
      const named = Object.keys(operatorUrls);
      const operated = named.length === 0 ? new Map<string, string>() : await readCheckpointIds(tx, named);
      for (const [name, id] of operated) this.operated.assign(id, operatorUrls[name] as string);
      const wanted = [...demand.map((entry) => entry.baseCheckpointId), ...operated.values()];
      const unserved = [...new Set(wanted)].filter((base) => !served.has(base));
      const bases = await readBases(tx, unserved);
      const failures = await readFailures(tx, unserved);
      const view: PoolView = {
        now,
        demand,
        engines: live.map((engine) => ({ ...engine, state: engine.state as never })),
        servedElsewhere: new Set(elsewhere.map((engine) => engine.baseCheckpointId)),
        operatedBases: new Set(operated.values()),
        notBefore: new Map([...failures].map(([base, { retryAt }]) => [base, retryAt])),
        memoryBytesOf: new Map([...bases].map(([id, base]) => [id, estimateMemoryBytes(base.weightBytes)])),
      };
      const known = [...bases].map(
        ([id, base]) => [id, { ...base, failures: failures.get(id)?.failures ?? 0 }] as const,
      );
      return { view, bases: new Map(known) };
    });
  }

  private async act(
    action: PoolAction,
    live: readonly EngineRow[],
    bases: ReadonlyMap<string, { failures: number }>,
    view: PoolView,
  ): Promise<void> {
    if (action.type === 'start') {
      const { failures } = bases.get(action.baseCheckpointId)!;
      await this.begin(action, failures, view);
      return;
    }
    const { database } = this.options;
    const { now } = view;
    const engine = live.find((candidate) => candidate.id === action.engineId)!;
    const move = (from: 'ready' | 'draining', to: 'ready' | 'draining') =>
      database.as('reconciler', (tx) => moveEngine(tx, { id: engine.id, from, to, now }));
    if (action.type === 'drain') await move('ready', 'draining');
    else if (action.type === 'resume') await move('draining', 'ready');
    else if (action.type === 'stop') this.keeper.stop(engine);
    else await this.actOnAdapter(engine, action, now);
  }

  private async actOnAdapter(
    engine: EngineRow,
    action: Extract<PoolAction, { checkpointId: string }>,
    now: Date,
  ): Promise<void> {
    const { checkpointId } = action;
    const from = engine.adapters.find((adapter) => adapter.checkpointId === checkpointId)?.state ?? null;
    if (action.type === 'unload') return this.keeper.unload(engine, checkpointId, from!);
    const state = ({ load: 'loading', drainAdapter: 'draining', resumeAdapter: 'ready' } as const)[action.type];
    await this.options.database.as('reconciler', (tx) =>
      moveAdapter(tx, { engineId: engine.id, checkpointId, from, to: state, now }),
    );
    if (action.type === 'load') this.keeper.load(engine, checkpointId);
  }

  private async begin(
    { baseCheckpointId, managedBy }: Extract<PoolAction, { type: 'start' }>,
    failures: number,
    { now, memoryBytesOf }: PoolView,
  ): Promise<void> {
    const engine = {
      id: newId('eng'),
      baseCheckpointId,
      managedBy,
      host: this.options.hostName,
      memoryBytes: managedBy === 'operator' ? 0 : memoryBytesOf.get(baseCheckpointId)!,
      maxAdapters: this.sizing.maxAdapters,
      failures,
    };
    const inserted = await this.options.database.as('reconciler', (tx) => insertEngine(tx, engine, now));
    if (inserted) this.options.onProgress();
  }

  private async giveUpSilent(rows: readonly EngineRow[], now: Date): Promise<void> {
    for (const engine of rows) {
      const seconds = Math.round((now.getTime() - engine.observedAt.getTime()) / 1000);
      if (engine.host === this.options.hostName || seconds < SILENCE_SECONDS) continue;
      const lastError = `the machine ${engine.host} has not been heard of for ${seconds} s`;
      const change = { lastError, retryAt: now, failures: engine.failures + 1 };
      await this.options.database.as('reconciler', (tx) =>
        moveEngine(tx, { id: engine.id, from: engine.state, to: 'failed', now, change }),
      );
    }
  }

  /** An engine may read an adapter again at any time: what live engines serve stays. */
  private async prune(rows: readonly EngineRow[], now: Date): Promise<void> {
    if (now.getTime() - this.prunedAt < PRUNE_EVERY_SECONDS * 1000) return;
    this.prunedAt = now.getTime();
    const kept = rows.flatMap(({ baseCheckpointId, adapters }) => [
      baseCheckpointId,
      ...adapters.map((adapter) => adapter.checkpointId),
    ]);
    await this.options.cache.prune(this.options.cacheBytes, new Set(kept));
  }

  /** Operators are shown what this machine may use. */
  private async tellLimits(now: Date): Promise<void> {
    if (now.getTime() - this.toldAt < OBSERVED_EVERY_SECONDS * 1000) return;
    this.toldAt = now.getTime();
    const { database, hostName, limits } = this.options;
    await database.as('reconciler', (tx) => recordHost(tx, { name: hostName, limits, now }));
  }

  private async recordObserved(live: readonly EngineRow[], now: Date): Promise<void> {
    const due = live.filter((engine) => now.getTime() - engine.observedAt.getTime() >= OBSERVED_EVERY_SECONDS * 1000);
    if (due.length === 0) return;
    await this.options.database.as('reconciler', (tx) =>
      markObserved(
        tx,
        due.map((engine) => engine.id),
        now,
      ),
    );
  }
}
