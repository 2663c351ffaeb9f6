import type { EngineAdapterState, EngineState } from '../engine.state.js';
import type { PoolLimits } from './engine-pool.config.js';

/** That somebody wants a checkpoint, and since when last. */
export interface Demand {
  checkpointId: string;
  baseCheckpointId: string;
  wantedAt: Date;
}

export interface PooledAdapter {
  checkpointId: string;
  state: Exclude<EngineAdapterState, 'unloaded'>;
  retryAt: Date | null;
  drainingAt: Date | null;
}

export interface PooledEngine {
  id: string;
  baseCheckpointId: string;
  managedBy: 'pool' | 'operator';
  state: Exclude<EngineState, 'stopped' | 'failed'>;
  memoryBytes: number;
  maxAdapters: number;
  createdAt: Date;
  drainingAt: Date | null;
  /** Requests it computes or holds; null where that is not known. */
  requests: number | null;
  adapters: PooledAdapter[];
}

export interface PoolView {
  now: Date;
  demand: readonly Demand[];
  /** Live engines of this machine. */
  engines: readonly PooledEngine[];
  /** Bases that engines of other machines serve. */
  servedElsewhere: ReadonlySet<string>;
  /** Bases that an operator's engine serves: taken up whether wanted or not, and never stopped. */
  operatedBases: ReadonlySet<string>;
  /** Bases that may not be started yet, since their last engine failed. */
  notBefore: ReadonlyMap<string, Date>;
  /** What an engine of this base would take; absent: there is no such checkpoint to serve. */
  memoryBytesOf: ReadonlyMap<string, number>;
}

export type PoolAction =
  | { type: 'start'; baseCheckpointId: string; managedBy: 'pool' | 'operator' }
  | { type: 'drain'; engineId: string; reason: 'idle' | 'room' }
  | { type: 'resume'; engineId: string }
  | { type: 'stop'; engineId: string; reason: 'drained' | 'overdue' | 'unwanted' }
  | { type: 'load'; engineId: string; checkpointId: string }
  | { type: 'drainAdapter'; engineId: string; checkpointId: string }
  | { type: 'resumeAdapter'; engineId: string; checkpointId: string }
  | { type: 'unload'; engineId: string; checkpointId: string };

/** What was wanted within this time is in use: it is not given up for something else. Gateways tell of use every 10 s. */
const IN_USE_SECONDS = 20;

/**
 * What the pool does next, given what is wanted and what there is. Pure: the same view gives the same actions, so its
 * rules can be tested by the thousand. Nothing is taken away at once: engines and adapters drain first, and one that is
 * wanted again meanwhile goes on.
 */
export function planPool(view: PoolView, limits: PoolLimits): PoolAction[] {
  const wanted = new Wanted(view, limits);
  return [
    ...takeUpOperated(view),
    ...planEngines(view, limits, wanted),
    ...makeRoom(view, limits, wanted),
    ...view.engines.flatMap((engine) => planAdapters(engine, view, limits, wanted)),
  ];
}

function takeUpOperated(view: PoolView): PoolAction[] {
  return [...view.operatedBases]
    .filter((base) => startable(base, view))
    .map((base) => ({ type: 'start', baseCheckpointId: base, managedBy: 'operator' }));
}

/** It can be served, nobody serves it, and it has not just failed. */
function startable(base: string, view: PoolView): boolean {
  const notBefore = view.notBefore.get(base);
  return (
    view.memoryBytesOf.has(base) &&
    !view.engines.some((engine) => engine.baseCheckpointId === base) &&
    !view.servedElsewhere.has(base) &&
    (!notBefore || notBefore <= view.now)
  );
}

class Wanted {
  private readonly lastByBase = new Map<string, number>();
  private readonly lastByCheckpoint = new Map<string, number>();
  private readonly now: number;

  constructor(
    view: PoolView,
    private readonly limits: PoolLimits,
  ) {
    this.now = view.now.getTime();
    for (const { checkpointId, baseCheckpointId, wantedAt } of view.demand) {
      const at = wantedAt.getTime();
      if (this.now - at >= limits.idleSeconds * 1000) continue;
      this.lastByCheckpoint.set(checkpointId, Math.max(at, this.lastByCheckpoint.get(checkpointId) ?? 0));
      this.lastByBase.set(baseCheckpointId, Math.max(at, this.lastByBase.get(baseCheckpointId) ?? 0));
    }
  }

  /** Those wanted last come first. */
  bases(): string[] {
    return [...this.lastByBase].sort(([, a], [, b]) => b - a).map(([id]) => id);
  }

  base(id: string): boolean {
    return this.lastByBase.has(id);
  }

  checkpoint(id: string): boolean {
    return this.lastByCheckpoint.has(id);
  }

  lastUse(base: string): number {
    return this.lastByBase.get(base) ?? 0;
  }

  lastUseOf(checkpoint: string): number {
    return this.lastByCheckpoint.get(checkpoint) ?? 0;
  }

  inUse(at: number): boolean {
    return this.now - at < Math.min(IN_USE_SECONDS, this.limits.idleSeconds) * 1000;
  }
}

function planEngines(view: PoolView, limits: PoolLimits, wanted: Wanted): PoolAction[] {
  const actions: PoolAction[] = [];
  const secondsSince = (at: Date) => (view.now.getTime() - at.getTime()) / 1000;
  for (const engine of view.engines) {
    if (engine.managedBy === 'operator') continue;
    if (engine.state === 'draining') {
      if (wanted.base(engine.baseCheckpointId) && !leaving(engine, view, limits, wanted)) {
        actions.push({ type: 'resume', engineId: engine.id });
        continue;
      }
      const seconds = secondsSince(engine.drainingAt ?? view.now);
      if (seconds >= limits.drainLimitSeconds) actions.push({ type: 'stop', engineId: engine.id, reason: 'overdue' });
      else if (seconds >= limits.drainSeconds && engine.requests === 0)
        actions.push({ type: 'stop', engineId: engine.id, reason: 'drained' });
    } else if (!wanted.base(engine.baseCheckpointId)) {
      // One that never was ready has nothing to drain.
      if (engine.state === 'ready') actions.push({ type: 'drain', engineId: engine.id, reason: 'idle' });
      else actions.push({ type: 'stop', engineId: engine.id, reason: 'unwanted' });
    }
  }
  return actions;
}

/** A draining engine whose base is wanted again stays on its way out only while something wanted later needs its room. */
function leaving(engine: PooledEngine, view: PoolView, limits: PoolLimits, wanted: Wanted): boolean {
  if (wanted.inUse(wanted.lastUse(engine.baseCheckpointId))) return false;
  return missing(view, wanted).some(
    (base) => wanted.lastUse(base) > wanted.lastUse(engine.baseCheckpointId) && !fits(base, view.engines, view, limits),
  );
}

/** Bases that are wanted and that an engine of ours should be started for; those wanted last come first. */
function missing(view: PoolView, wanted: Wanted): string[] {
  return wanted.bases().filter((base) => !view.operatedBases.has(base) && startable(base, view));
}

/** Starts what is wanted and fits; for what does not fit, drains the engine longest unused, unless it is in use. */
function makeRoom(view: PoolView, limits: PoolLimits, wanted: Wanted): PoolAction[] {
  const actions: PoolAction[] = [];
  const present: Array<Pick<PooledEngine, 'memoryBytes' | 'managedBy'>> = [...view.engines];
  const leavingAlready = view.engines.filter((engine) => engine.state === 'draining');
  const candidates = view.engines
    .filter((engine) => engine.managedBy === 'pool' && engine.state === 'ready' && wanted.base(engine.baseCheckpointId))
    .filter((engine) => !wanted.inUse(wanted.lastUse(engine.baseCheckpointId)))
    .sort((a, b) => wanted.lastUse(a.baseCheckpointId) - wanted.lastUse(b.baseCheckpointId));
  const going: PooledEngine[] = [...leavingAlready];
  for (const base of missing(view, wanted)) {
    if (fits(base, present, view, limits)) {
      actions.push({ type: 'start', baseCheckpointId: base, managedBy: 'pool' });
      present.push({ memoryBytes: view.memoryBytesOf.get(base)!, managedBy: 'pool' });
      continue;
    }
    // Room that draining engines are about to leave counts: no more is drained than has to be.
    while (
      !fits(
        base,
        present.filter((engine) => !going.includes(engine as PooledEngine)),
        view,
        limits,
      )
    ) {
      const victim = candidates.shift();
      if (!victim || wanted.lastUse(victim.baseCheckpointId) >= wanted.lastUse(base)) return actions;
      going.push(victim);
      actions.push({ type: 'drain', engineId: victim.id, reason: 'room' });
    }
    // The room is for this one: those wanted less wait behind it.
    return actions;
  }
  return actions;
}

function fits(
  base: string,
  present: ReadonlyArray<Pick<PooledEngine, 'memoryBytes' | 'managedBy'>>,
  view: PoolView,
  limits: PoolLimits,
): boolean {
  const ours = present.filter((engine) => engine.managedBy === 'pool');
  const taken = ours.reduce((sum, engine) => sum + engine.memoryBytes, 0);
  return ours.length < limits.maxEngines && taken + view.memoryBytesOf.get(base)! <= limits.memoryBudgetBytes;
}

function planAdapters(engine: PooledEngine, view: PoolView, limits: PoolLimits, wanted: Wanted): PoolAction[] {
  if (engine.state !== 'ready') return [];
  return [...planPresentAdapters(engine, view, limits, wanted), ...planMissingAdapters(engine, view, wanted)];
}

function planPresentAdapters(engine: PooledEngine, view: PoolView, limits: PoolLimits, wanted: Wanted): PoolAction[] {
  const actions: PoolAction[] = [];
  for (const { checkpointId, state, drainingAt } of engine.adapters) {
    const target = { engineId: engine.id, checkpointId };
    if (state === 'draining') {
      const since = (drainingAt ?? view.now).getTime();
      // Wanted since it began to leave. What was wanted before was known when its place was given away.
      if (wanted.lastUseOf(checkpointId) > since) actions.push({ type: 'resumeAdapter', ...target });
      // Requests that run keep their adapter; what has to be waited for are gateways that have not heard.
      else if (view.now.getTime() - since >= limits.drainSeconds * 1000) actions.push({ type: 'unload', ...target });
    } else if (!wanted.checkpoint(checkpointId)) {
      if (state === 'ready') actions.push({ type: 'drainAdapter', ...target });
      if (state === 'failed') actions.push({ type: 'unload', ...target });
    }
  }
  return actions;
}

/** Loads what is wanted and has a place; for what has none, drains the adapter longest unused. */
function planMissingAdapters(engine: PooledEngine, view: PoolView, wanted: Wanted): PoolAction[] {
  const actions: PoolAction[] = [];
  const inPlace = engine.adapters.filter((adapter) => adapter.state !== 'failed');
  const isLeaving = ({ state, checkpointId }: PooledAdapter) =>
    state === 'draining' || !wanted.checkpoint(checkpointId);
  const leavers = inPlace
    .filter((adapter) => adapter.state === 'ready' && !isLeaving(adapter))
    .sort((a, b) => wanted.lastUseOf(a.checkpointId) - wanted.lastUseOf(b.checkpointId));
  let free = engine.maxAdapters - inPlace.length;
  let leaving = inPlace.filter(isLeaving).length;
  for (const checkpointId of missingAdapters(engine, view, wanted)) {
    if (free > 0) {
      free--;
      actions.push({ type: 'load', engineId: engine.id, checkpointId });
    } else if (leaving > 0) leaving--;
    else {
      const leaver = leavers.shift();
      if (!leaver || wanted.lastUseOf(leaver.checkpointId) >= wanted.lastUseOf(checkpointId)) break;
      actions.push({ type: 'drainAdapter', engineId: engine.id, checkpointId: leaver.checkpointId });
    }
  }
  return actions;
}

/** Wanted on this engine and neither there nor waiting after a failure; those wanted last come first. */
function missingAdapters(engine: PooledEngine, view: PoolView, wanted: Wanted): string[] {
  const kept = engine.adapters.filter(({ state, retryAt }) => state !== 'failed' || !retryAt || retryAt > view.now);
  const known = new Set([engine.baseCheckpointId, ...kept.map((adapter) => adapter.checkpointId)]);
  const here = view.demand.filter(({ baseCheckpointId }) => baseCheckpointId === engine.baseCheckpointId);
  return [...new Set(here.map((demand) => demand.checkpointId))]
    .filter((id) => wanted.checkpoint(id) && !known.has(id))
    .sort((a, b) => wanted.lastUseOf(b) - wanted.lastUseOf(a));
}
