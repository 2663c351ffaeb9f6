import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ManualClock, newId } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization, testStore } from '#test/harness';
import { CheckpointCache } from '../engine/checkpoint-cache.js';
import { publishTestModel, type TestModel } from '../test-model.fixture.js';
import { EnginePool } from './engine-pool.js';
import { FakeEngines } from './fake-engines.fixture.js';

const GIBIBYTE = 2 ** 30;
const LIMITS = {
  memoryBudgetBytes: 4 * GIBIBYTE,
  maxEngines: 3,
  idleSeconds: 600,
  startSeconds: 60,
  drainSeconds: 2,
  drainLimitSeconds: 120,
};

describe('the engine pool', () => {
  let testing: TestDatabase;
  let database: Database;
  let gateway: pg.Client;
  let lab: TestOrganization;
  let partner: TestOrganization;
  let home: string;
  let model: TestModel;
  let engines: FakeEngines;
  let clock: ManualClock;
  let pool: EnginePool;
  const store = new ObjectStore(testStore());

  beforeAll(async () => {
    testing = await testDatabase();
    database = await new Database({
      appUrl: testing.urls.app,
      narrowUrls: { reconciler: testing.urls.reconciler },
    }).connect();
    gateway = new pg.Client({ connectionString: testing.urls.gateway });
    await gateway.connect();
    lab = await testOrganization(testing, 'lab');
    partner = await testOrganization(testing);
    home = await mkdtemp(join(tmpdir(), 'forkpoint-pool-'));
  });
  afterAll(async () => {
    await gateway?.end();
    await database?.close();
    await testing?.drop();
    store.close();
    await rm(home, { recursive: true, force: true });
  });
  beforeEach(async () => {
    model = await publishTestModel(testing, store, { lab, partner });
    clock = new ManualClock();
    engines = new FakeEngines();
    pool = newPool();
  });
  afterEach(async () => {
    await pool.close({ stopEngines: true });
    await gateway.query('UPDATE model_demand SET wanted_at = $1', [new Date(0)]);
  });

  const newPool = (change: Partial<ConstructorParameters<typeof EnginePool>[0]> = {}) =>
    new EnginePool({
      database,
      clock,
      logger: createLogger('test', 'silent'),
      limits: LIMITS,
      cache: new CheckpointCache(store, home, clock),
      cacheBytes: GIBIBYTE,
      host: engines,
      connect: engines.connect,
      hostName: 'here',
      operatorUrls: {},
      onProgress: () => undefined,
      ...change,
    });

  const want = (checkpointId: string, base = model.baseId) =>
    gateway.query(
      `INSERT INTO model_demand (checkpoint_id, base_checkpoint_id, wanted_at) VALUES ($1, $2, $3)
       ON CONFLICT (checkpoint_id) DO UPDATE SET wanted_at = greatest(model_demand.wanted_at, excluded.wanted_at)`,
      [checkpointId, base, clock.now()],
    );
  const targets = async (): Promise<string[]> => {
    const { rows } = await gateway.query('SELECT checkpoint_id FROM gateway_targets ORDER BY checkpoint_id');
    return rows.map((row) => row.checkpoint_id);
  };
  const lastEngine = async () => {
    const columns = 'id, state, failures, last_error, retry_at, memory_bytes::float8 AS memory_bytes, managed_by, url';
    return database.as('reconciler', async (tx) => {
      const [row] = await tx.query(
        `SELECT ${columns} FROM engines WHERE base_checkpoint_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1`,
        [model.baseId],
      );
      return row as Record<string, unknown>;
    });
  };
  async function turns(count: number, seconds = 0): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
      clock.advance(seconds * 1000);
      await pool.turn();
      await pool.close({ stopEngines: false });
    }
  }

  it('starts what a call wants, loads its adapter, and tells the gateway when it answers', async () => {
    await want(model.adapterId);
    await turns(2);
    expect(await lastEngine()).toMatchObject({ state: 'starting' });
    expect(await targets()).toEqual([]);
    const [started] = engines.started;
    expect(started?.plan).toMatchObject({ baseCheckpointId: model.baseId, contextLengthTokens: 512, maxRank: 16 });
    engines.becomeHealthy();
    await turns(3);
    expect(await targets()).toEqual([model.adapterId, model.baseId].sort());
    expect(engines.only().loaded).toEqual(new Set([model.adapterId]));
    expect(engines.only().probes).toBe(1);
  });

  it('never offers an engine that is healthy but fails its first request', async () => {
    engines.probeFails = true;
    await want(model.baseId);
    await turns(2);
    engines.becomeHealthy();
    await turns(3);
    expect(await targets()).toEqual([]);
    expect(await lastEngine()).toMatchObject({
      state: 'failed',
      failures: 1,
      last_error: expect.stringContaining('first request'),
    });
    expect(engines.running.size).toBe(0);
  });

  it('waits longer after each failure in a row, and starts from one after a long good run', async () => {
    const waits: number[] = [];
    for (let failure = 1; failure <= 4; failure++) {
      await want(model.baseId);
      await turns(2);
      engines.crash('ValueError: out of memory');
      await turns(2);
      const engine = await lastEngine();
      expect(engine).toMatchObject({ state: 'failed', failures: failure, last_error: 'ValueError: out of memory' });
      const wait = ((engine.retry_at as Date).getTime() - clock.now().getTime()) / 1000;
      waits.push(wait);
      await turns(2);
      expect(engines.running.size).toBe(0);
      clock.advance(wait * 1000);
    }
    expect(waits).toEqual([2, 4, 8, 16]);
    await want(model.baseId);
    await turns(2);
    engines.becomeHealthy();
    await turns(2);
    clock.advance(1000_000);
    await want(model.baseId);
    await turns(1);
    engines.crash('killed');
    await turns(2);
    expect(await lastEngine()).toMatchObject({ state: 'failed', failures: 1 });
  });

  it('takes up the engines that an earlier worker left, with what they have loaded', async () => {
    await want(model.adapterId);
    await turns(2);
    engines.becomeHealthy();
    await turns(3);
    const { id } = await lastEngine();
    // The next worker finds an adapter that no row knows, and one missing that a row says is loaded.
    engines.only().loaded.clear();
    engines.only().loaded.add('ckpt_stranger');
    engines.running.set(newId('eng'), { ...engines.only(), loaded: new Set() });
    pool = newPool();
    await turns(1);
    expect(engines.running.size).toBe(1);
    expect(engines.only().loaded).toEqual(new Set([model.adapterId]));
    expect((await lastEngine()).id).toBe(id);
    expect(engines.started).toHaveLength(1);
  });

  it('finishes what an earlier worker had begun when it was killed', async () => {
    await want(model.adapterId);
    await pool.turn();
    const { id } = await lastEngine();
    expect(await lastEngine()).toMatchObject({ state: 'desired' });
    await pool.close({ stopEngines: false });
    pool = newPool();
    await turns(1);
    expect(await lastEngine()).toMatchObject({ id, state: 'starting' });
    engines.becomeHealthy();
    await turns(2);
    await database.as('reconciler', (tx) =>
      tx.query(
        `INSERT INTO engine_adapters (engine_id, checkpoint_id, state) VALUES ($1, $2, 'loading') ON CONFLICT DO NOTHING`,
        [id, model.adapterId],
      ),
    );
    pool = newPool();
    await turns(2);
    expect(await targets()).toContain(model.adapterId);
  });

  it('lets an engine finish its requests before it stops it, and calls it back when it is wanted', async () => {
    await want(model.baseId);
    await turns(2);
    engines.becomeHealthy();
    await turns(2);
    engines.only().requests = 1;
    await turns(1, LIMITS.idleSeconds);
    expect(await lastEngine()).toMatchObject({ state: 'draining' });
    expect(await targets()).toEqual([]);
    await turns(3, 5);
    expect(engines.running.size).toBe(1);
    await want(model.baseId);
    await turns(1);
    expect(await lastEngine()).toMatchObject({ state: 'ready' });
    expect(await targets()).toEqual([model.baseId]);
    await turns(1, LIMITS.idleSeconds);
    engines.only().requests = 0;
    await turns(2, 2);
    expect(await lastEngine()).toMatchObject({ state: 'stopped' });
    expect(engines.running.size).toBe(0);
  });

  it('ends an engine that stops answering, and one that never comes up', async () => {
    await want(model.baseId);
    await turns(2);
    await turns(1, LIMITS.startSeconds + 1);
    expect(await lastEngine()).toMatchObject({ state: 'failed', last_error: 'not ready after 60 s' });
    clock.advance(10_000);
    await want(model.baseId);
    await turns(2);
    engines.becomeHealthy();
    await turns(2);
    engines.only().healthy = false;
    await turns(2);
    expect(await lastEngine()).toMatchObject({ state: 'ready' });
    await turns(1);
    expect(await lastEngine()).toMatchObject({ state: 'failed', last_error: 'it stopped answering' });
    expect(engines.running.size).toBe(0);
  });

  it('records why an adapter can’t be loaded, and loads the others', async () => {
    const { other } = model;
    engines.refuses.add(other);
    await want(other);
    await want(model.adapterId);
    await turns(2);
    engines.becomeHealthy();
    await turns(3);
    expect(await targets()).toEqual([model.adapterId, model.baseId].sort());
    const { rows } = await gateway.query('SELECT state, last_error FROM engine_adapters WHERE checkpoint_id = $1', [
      other,
    ]);
    expect(rows).toEqual([{ state: 'failed', last_error: expect.stringContaining('ENGINE_REFUSED') }]);
  });

  it('keeps warm what is deployed, from the moment that it is', async () => {
    const actor = { organization: partner.organizationId, project: partner.projectId };
    await model.deploy(actor, model.adapterId, clock.now());
    await turns(2);
    engines.becomeHealthy();
    await turns(3);
    expect(await targets()).toContain(model.adapterId);
  });

  it('takes up the engine that an operator runs, loads adapters there, and never ends it', async () => {
    const url = 'http://gpu-1:8000';
    pool = newPool({ operatorUrls: { [model.baseName]: url } });
    engines.running.set('operated', engines.newEngine());
    engines.byUrl.set(url, engines.running.get('operated')!);
    engines.operated.add('operated');
    engines.becomeHealthy();
    await want(model.adapterId);
    await turns(5);
    expect(await lastEngine()).toMatchObject({ managed_by: 'operator', url, state: 'ready', memory_bytes: 0 });
    expect(await targets()).toEqual([model.adapterId, model.baseId].sort());
    await turns(3, LIMITS.idleSeconds);
    expect(await lastEngine()).toMatchObject({ state: 'ready' });
    expect(engines.running.get('operated')!.loaded).toEqual(new Set());
    await pool.close({ stopEngines: true });
    expect(engines.running.has('operated')).toBe(true);
    await database.as('reconciler', (tx) =>
      tx.query(`UPDATE engines SET state = 'stopped', ended_at = $1 WHERE managed_by = 'operator'`, [clock.now()]),
    );
  });

  it('leaves the engines of another machine alone until it falls silent', async () => {
    await want(model.baseId);
    await turns(2);
    engines.becomeHealthy();
    await turns(2);
    const elsewhere = new FakeEngines();
    const second = newPool({ hostName: 'there', host: elsewhere, connect: elsewhere.connect });
    await second.turn();
    expect(elsewhere.started).toEqual([]);
    clock.advance(61_000);
    await want(model.baseId);
    await second.turn();
    expect(await lastEngine()).toMatchObject({ state: 'failed', last_error: expect.stringContaining('here') });
    await second.turn();
    await second.turn();
    await second.close({ stopEngines: false });
    expect(elsewhere.started).toHaveLength(1);
    await second.close({ stopEngines: true });
    await turns(1);
    expect(engines.running.size).toBe(0);
  });
});
