import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PoolLimits } from './engine-pool.config.js';
import {
  type Demand,
  type PoolAction,
  type PooledAdapter,
  type PooledEngine,
  type PoolView,
  planPool,
} from './engine-pool.plan.js';

const NOW = new Date('2026-01-01T12:00:00.000Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const LIMITS: PoolLimits = {
  memoryBudgetBytes: 2000,
  maxEngines: 4,
  idleSeconds: 900,
  startSeconds: 180,
  drainSeconds: 2,
  drainLimitSeconds: 600,
};

const wants = (checkpointId: string, baseCheckpointId: string, secondsAgo: number): Demand => ({
  checkpointId,
  baseCheckpointId,
  wantedAt: ago(secondsAgo),
});
const engine = (base: string, change: Partial<PooledEngine> = {}): PooledEngine => ({
  id: `engine-${base}`,
  baseCheckpointId: base,
  managedBy: 'pool',
  state: 'ready',
  memoryBytes: 1000,
  maxAdapters: 2,
  createdAt: ago(1000),
  drainingAt: null,
  requests: null,
  adapters: [],
  ...change,
});
const adapter = (checkpointId: string, change: Partial<PooledAdapter> = {}): PooledAdapter => ({
  checkpointId,
  state: 'ready',
  retryAt: null,
  drainingAt: null,
  ...change,
});
const view = (change: Partial<PoolView>): PoolView => ({
  now: NOW,
  demand: [],
  engines: [],
  servedElsewhere: new Set(),
  operatedBases: new Set(),
  notBefore: new Map(),
  memoryBytesOf: new Map(['a', 'b', 'c'].map((base) => [base, 1000])),
  ...change,
});
const plan = (change: Partial<PoolView>, limits: Partial<PoolLimits> = {}) =>
  planPool(view(change), { ...LIMITS, ...limits });

describe('the plan of the engine pool', () => {
  it('starts what is wanted, those wanted last first, as far as memory goes', () => {
    const demand = [wants('a', 'a', 30), wants('b', 'b', 10), wants('c', 'c', 20)];
    expect(plan({ demand })).toEqual([
      { type: 'start', baseCheckpointId: 'b', managedBy: 'pool' },
      { type: 'start', baseCheckpointId: 'c', managedBy: 'pool' },
    ]);
    expect(plan({ demand }, { maxEngines: 1 })).toHaveLength(1);
  });

  it('starts nothing that is unknown, served elsewhere, just failed, or no longer wanted', () => {
    expect(plan({ demand: [wants('x', 'x', 1)] })).toEqual([]);
    expect(plan({ demand: [wants('a', 'a', 1)], servedElsewhere: new Set(['a']) })).toEqual([]);
    expect(plan({ demand: [wants('a', 'a', 1)], notBefore: new Map([['a', ago(-1)]]) })).toEqual([]);
    expect(plan({ demand: [wants('a', 'a', 1)], notBefore: new Map([['a', NOW]]) })).toHaveLength(1);
    expect(plan({ demand: [wants('a', 'a', 900)] })).toEqual([]);
  });

  it('drains what nobody wants, and stops it when it has answered all it had', () => {
    expect(plan({ engines: [engine('a')] })).toEqual([{ type: 'drain', engineId: 'engine-a', reason: 'idle' }]);
    const draining = (seconds: number, requests: number | null) =>
      plan({ engines: [engine('a', { state: 'draining', drainingAt: ago(seconds), requests })] });
    expect(draining(1, 0)).toEqual([]);
    expect(draining(2, 1)).toEqual([]);
    expect(draining(2, null)).toEqual([]);
    expect(draining(2, 0)).toEqual([{ type: 'stop', engineId: 'engine-a', reason: 'drained' }]);
    expect(draining(600, 1)).toEqual([{ type: 'stop', engineId: 'engine-a', reason: 'overdue' }]);
    expect(plan({ engines: [engine('a', { state: 'starting' })] })).toEqual([
      { type: 'stop', engineId: 'engine-a', reason: 'unwanted' },
    ]);
  });

  it('goes on with a draining engine that is wanted again', () => {
    const engines = [engine('a', { state: 'draining', drainingAt: ago(5), requests: 0 })];
    expect(plan({ engines, demand: [wants('a', 'a', 1)] })).toEqual([{ type: 'resume', engineId: 'engine-a' }]);
  });

  it('makes room by draining the engine longest unused, but none in use', () => {
    const engines = [engine('a'), engine('b')];
    const demand = [wants('a', 'a', 200), wants('b', 'b', 300), wants('c', 'c', 1)];
    expect(plan({ engines, demand })).toEqual([{ type: 'drain', engineId: 'engine-b', reason: 'room' }]);
    const busy = [wants('a', 'a', 5), wants('b', 'b', 10), wants('c', 'c', 1)];
    expect(plan({ engines, demand: busy })).toEqual([]);
    // Already on its way out: nothing else is drained for the same room, and it is not called back.
    const leaving = [engine('a'), engine('b', { state: 'draining', drainingAt: ago(1), requests: 0 })];
    expect(plan({ engines: leaving, demand })).toEqual([]);
  });

  it('leaves an operator’s engines alone, and takes them up without being asked', () => {
    expect(plan({ operatedBases: new Set(['a']) })).toEqual([
      { type: 'start', baseCheckpointId: 'a', managedBy: 'operator' },
    ]);
    expect(plan({ operatedBases: new Set(['a']), engines: [engine('a', { managedBy: 'operator' })] })).toEqual([]);
    const demand = [wants('b', 'b', 1), wants('c', 'c', 2)];
    const engines = [engine('a', { managedBy: 'operator', memoryBytes: 0 })];
    expect(plan({ operatedBases: new Set(['a']), engines, demand })).toHaveLength(2);
  });

  describe('for adapters', () => {
    const only = (adapters: PooledAdapter[], demand: Demand[]) =>
      plan({ engines: [engine('a', { adapters })], demand: [wants('a', 'a', 1), ...demand] });
    const target = (checkpointId: string) => ({ engineId: 'engine-a', checkpointId });

    it('loads what is wanted on an engine that is ready', () => {
      expect(only([], [wants('x', 'a', 5)])).toEqual([{ type: 'load', ...target('x') }]);
      expect(plan({ engines: [engine('a', { state: 'starting' })], demand: [wants('x', 'a', 5)] })).toEqual([]);
    });

    it('unloads what nobody wants, after gateways have heard', () => {
      expect(only([adapter('x')], [])).toEqual([{ type: 'drainAdapter', ...target('x') }]);
      expect(only([adapter('x', { state: 'draining', drainingAt: ago(1) })], [])).toEqual([]);
      expect(only([adapter('x', { state: 'draining', drainingAt: ago(2) })], [])).toEqual([
        { type: 'unload', ...target('x') },
      ]);
      expect(only([adapter('x', { state: 'draining', drainingAt: ago(1) })], [wants('x', 'a', 0)])).toEqual([
        { type: 'resumeAdapter', ...target('x') },
      ]);
    });

    it('gives up the one longest unused when all places are taken', () => {
      const full = [adapter('x'), adapter('y')];
      expect(only(full, [wants('x', 'a', 50), wants('y', 'a', 60), wants('z', 'a', 1)])).toEqual([
        { type: 'drainAdapter', ...target('y') },
      ]);
      // It is not called back for having been in use when its place was given away.
      const given = [adapter('x'), adapter('y', { state: 'draining', drainingAt: ago(2) })];
      expect(only(given, [wants('x', 'a', 1), wants('y', 'a', 3), wants('z', 'a', 2)])).toEqual([
        { type: 'unload', ...target('y') },
      ]);
      // While one is leaving nothing more has to go.
      const leaving = [adapter('x'), adapter('y', { state: 'draining', drainingAt: ago(1) })];
      expect(only(leaving, [wants('x', 'a', 50), wants('y', 'a', 60), wants('z', 'a', 1)])).toEqual([]);
    });

    it('tries again what failed, after its pause, while it is wanted', () => {
      const failed = (retryAt: Date) => [adapter('x', { state: 'failed', retryAt })];
      expect(only(failed(ago(-1)), [wants('x', 'a', 1)])).toEqual([]);
      expect(only(failed(ago(1)), [wants('x', 'a', 1)])).toEqual([{ type: 'load', ...target('x') }]);
      expect(only(failed(ago(1)), [])).toEqual([{ type: 'unload', ...target('x') }]);
    });
  });
});

describe('a pool that acts by its plan', () => {
  const bases = ['a', 'b', 'c', 'd', 'e'];
  const script = fc.array(
    fc.record({
      seconds: fc.integer({ min: 1, max: 400 }),
      wanted: fc.subarray(bases.flatMap((base) => [`${base}`, `${base}-x`, `${base}-y`, `${base}-z`])),
    }),
    { minLength: 1, maxLength: 30 },
  );
  const memory = fc.record({ budget: fc.integer({ min: 0, max: 4000 }), maxEngines: fc.integer({ min: 0, max: 4 }) });

  it('stays within its budget, takes nothing away from those who use it, and comes to rest', () => {
    fc.assert(
      fc.property(script, memory, (steps, { budget, maxEngines }) => {
        const limits = { ...LIMITS, memoryBudgetBytes: budget, maxEngines };
        const pool = new SimulatedPool(limits);
        for (const { seconds, wanted } of steps) {
          pool.pass(seconds);
          for (const checkpointId of wanted) pool.want(checkpointId);
          for (let turn = 0; turn < 20; turn++) pool.turn();
        }
        // Nobody wants anything any more: within a few turns nothing is left.
        pool.pass(LIMITS.idleSeconds);
        for (let turn = 0; turn < 20; turn++) {
          pool.pass(LIMITS.drainSeconds);
          pool.turn();
        }
        expect(pool.engines).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('serves everything that is wanted when there is room for it', () => {
    fc.assert(
      fc.property(fc.subarray(bases, { minLength: 1 }), (wanted) => {
        const pool = new SimulatedPool({ ...LIMITS, memoryBudgetBytes: 5000, maxEngines: 5 });
        for (const base of wanted) pool.want(`${base}-x`);
        for (let turn = 0; turn < 10; turn++) pool.turn();
        expect(pool.engines.map((entry) => entry.baseCheckpointId).sort()).toEqual([...wanted].sort());
        expect(pool.engines.every(({ adapters }) => adapters[0]?.state === 'ready')).toBe(true);
      }),
    );
  });
});

/** Does at once what the plan says, and checks each action against the rules that the plan promises. */
class SimulatedPool {
  engines: PooledEngine[] = [];
  private now = NOW.getTime();
  private readonly wantedAt = new Map<string, number>();
  private count = 0;

  constructor(private readonly limits: PoolLimits) {}

  pass(seconds: number): void {
    this.now += seconds * 1000;
  }

  want(checkpointId: string): void {
    this.wantedAt.set(checkpointId, this.now);
  }

  turn(): void {
    const now = new Date(this.now);
    const demand = [...this.wantedAt].map(([checkpointId, at]) => ({
      checkpointId,
      baseCheckpointId: checkpointId.charAt(0),
      wantedAt: new Date(at),
    }));
    const memoryBytesOf = new Map(['a', 'b', 'c', 'd', 'e'].map((base) => [base, 1000]));
    for (const action of planPool(view({ now, demand, engines: this.engines, memoryBytesOf }), this.limits)) {
      this.apply(action, now);
    }
    const total = this.engines.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    expect(total).toBeLessThanOrEqual(this.limits.memoryBudgetBytes);
    expect(this.engines.length).toBeLessThanOrEqual(this.limits.maxEngines);
    for (const { adapters, maxAdapters } of this.engines) expect(adapters.length).toBeLessThanOrEqual(maxAdapters);
  }

  private apply(action: PoolAction, now: Date): void {
    if (action.type === 'start') {
      expect(this.engines.some((entry) => entry.baseCheckpointId === action.baseCheckpointId)).toBe(false);
      this.engines.push(engine(action.baseCheckpointId, { id: `${++this.count}`, createdAt: now, requests: 0 }));
      return;
    }
    const target = this.engines.find((entry) => entry.id === action.engineId)!;
    if (action.type === 'drain') {
      expect(this.inUse(target.baseCheckpointId)).toBe(false);
      Object.assign(target, { state: 'draining', drainingAt: now });
    } else if (action.type === 'resume') Object.assign(target, { state: 'ready', drainingAt: null });
    else if (action.type === 'stop') this.engines = this.engines.filter((entry) => entry !== target);
    else this.applyToAdapter(target, action, now);
  }

  private applyToAdapter(target: PooledEngine, action: Extract<PoolAction, { checkpointId: string }>, now: Date): void {
    const { checkpointId } = action;
    const others = target.adapters.filter((entry) => entry.checkpointId !== checkpointId);
    if (action.type === 'load') expect(others).toHaveLength(target.adapters.length);
    const state = ({ load: 'ready', drainAdapter: 'draining', resumeAdapter: 'ready', unload: null } as const)[
      action.type
    ];
    const drainingAt = state === 'draining' ? now : null;
    target.adapters = state ? [...others, adapter(checkpointId, { state, drainingAt })] : others;
  }

  private inUse(base: string): boolean {
    return [...this.wantedAt].some(([id, at]) => id.startsWith(base) && this.now - at < 20_000);
  }
}
