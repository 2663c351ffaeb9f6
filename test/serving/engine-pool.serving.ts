import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ManualClock } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import { type TestDatabase, testDatabase, testOrganization, testStore } from '#test/harness';
import { CheckpointCache } from '../../libs/deployments/src/engine/checkpoint-cache.js';
import { LocalVllmHost } from '../../libs/deployments/src/engine/local-vllm.host.js';
import { VllmClient } from '../../libs/deployments/src/engine/vllm.client.js';
import { EnginePool } from '../../libs/deployments/src/jobs/engine-pool.js';
import { publishTestModel, type TestModel } from '../../libs/deployments/src/test-model.fixture.js';
import { baseCheckpoint, PYTHON, python } from './support/python.js';
import { type ChatMessage, complete } from './support/serving-session.js';

const API_KEY = 'key-of-the-engines-of-this-test';
const MESSAGES: ChatMessage[] = [{ role: 'user', content: 'Rust: Tag_Group : constant Natural := 16;' }];
const START_MILLISECONDS = 240_000;
const LIMITS = {
  memoryBudgetBytes: 4 * 2 ** 30,
  maxEngines: 2,
  idleSeconds: 600,
  startSeconds: 180,
  drainSeconds: 2,
  drainLimitSeconds: 300,
};
/** One place for an adapter: the second that is wanted takes the place of the first. */
const SIZING = { maxSequences: 4, maxAdaptersPerBatch: 1, maxAdapters: 1 };

/** The pool on real engines, a real database and a real store. Its clock is moved by hand: nothing here waits for idleness. */
describe('the engine pool', () => {
  let testing: TestDatabase;
  let database: Database;
  let gateway: pg.Client;
  let home: string;
  let model: TestModel;
  let pool: EnginePool;
  const store = new ObjectStore(testStore());
  const clock = new ManualClock();

  beforeAll(async () => {
    testing = await testDatabase();
    const narrowUrls = { reconciler: testing.urls.reconciler };
    database = await new Database({ appUrl: testing.urls.app, narrowUrls }).connect();
    gateway = new pg.Client({ connectionString: testing.urls.gateway });
    await gateway.connect();
    home = await mkdtemp(join(tmpdir(), 'forkpoint-engine-pool-'));
    const { base, data } = await baseCheckpoint(home);
    await python([resolve('test/serving/make_adapters.py'), base, join(data, 'train.jsonl'), join(home, 'made')]);
    model = await publishTestModel(testing, store, {
      lab: await testOrganization(testing, 'lab'),
      partner: await testOrganization(testing),
      files: await filesIn(base),
      adapterFiles: [await filesIn(join(home, 'made', 'rust')), await filesIn(join(home, 'made', 'upper'))],
    });
    pool = newPool();
  }, 300_000);
  afterAll(async () => {
    await pool?.close({ stopEngines: true });
    await gateway?.end();
    await database?.close();
    await testing?.drop();
    store.close();
    await rm(home, { recursive: true, force: true });
  }, 60_000);

  function newPool(): EnginePool {
    const options = { home, python: PYTHON, threads: 1, firstPort: 21_895, portCount: 4, apiKey: API_KEY };
    return new EnginePool({
      database,
      clock,
      logger: createLogger('test', 'silent'),
      limits: LIMITS,
      cache: new CheckpointCache(store, join(home, 'cache'), clock),
      cacheBytes: 2 ** 30,
      host: new LocalVllmHost(options),
      connect: (location) => new VllmClient(location, API_KEY),
      hostName: 'here',
      operatorUrls: {},
      sizing: SIZING,
      onProgress: () => undefined,
    });
  }

  const want = (checkpointId: string) =>
    gateway.query(
      `INSERT INTO model_demand (checkpoint_id, base_checkpoint_id, wanted_at) VALUES ($1, $2, $3)
       ON CONFLICT (checkpoint_id) DO UPDATE SET wanted_at = excluded.wanted_at`,
      [checkpointId, model.baseId, clock.now()],
    );

  /** Turns the pool, as the worker does, until it offers the checkpoint; gives where. */
  async function served(checkpointId: string): Promise<string> {
    for (const deadline = performance.now() + START_MILLISECONDS; performance.now() < deadline; await sleep(200)) {
      await pool.turn();
      const { rows } = await gateway.query('SELECT url FROM gateway_targets WHERE checkpoint_id = $1', [checkpointId]);
      if (rows.length > 0) return rows[0].url;
    }
    throw new Error(`${checkpointId} was not served: ${JSON.stringify(await engine())}`);
  }

  async function turnUntil(reached: () => Promise<boolean>): Promise<void> {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(100)) {
      await pool.turn();
      if (await reached()) return;
    }
    throw new Error(`not reached: ${JSON.stringify(await engine())}`);
  }

  /** A request on its way to the engine is nothing to wait for yet, and the clock here does not give it time to arrive. */
  const computes = (url: string) =>
    turnUntil(
      async () => (await new VllmClient({ url, baseCheckpointId: model.baseId }, API_KEY).activity()).requests > 0,
    );

  const engine = async () => {
    const [row] = await database.as('reconciler', (tx) =>
      tx.query(
        `SELECT e.id, e.state, e.failures, e.last_error, array_agg(concat_ws(' ', a.checkpoint_id, a.state, a.last_error)) AS adapters
         FROM engines e LEFT JOIN engine_adapters a ON a.engine_id = e.id GROUP BY e.id ORDER BY e.id DESC LIMIT 1`,
      ),
    );
    return row as { id: string; state: string; failures: number; last_error: string };
  };
  const leader = async () =>
    Number.parseInt(await readFile(join(home, 'run', 'engines', (await engine()).id, 'stat'), 'utf8'), 10);
  const ask = async (url: string, checkpointId: string, options = {}) =>
    (await complete(url, checkpointId, MESSAGES, { apiKey: API_KEY, ...options })).text;
  const long = { maxTokens: 400, ignoreEnd: true };

  it('fetches, starts and loads what a call wants', async () => {
    await want(model.adapterId);
    const started = performance.now();
    const url = await served(model.adapterId);
    console.log(`a cold adapter answers after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    expect(await ask(url, model.adapterId)).not.toBe(await ask(url, model.baseId));
    // Who has not the engines' key gets nothing from them.
    await expect(complete(url, model.baseId, MESSAGES)).rejects.toThrow('401');
  }, 300_000);

  it('goes on with its engines after the worker was killed', async () => {
    const [before, url] = [await leader(), await served(model.adapterId)];
    const running = ask(url, model.adapterId, long);
    pool = newPool();
    expect(await served(model.adapterId)).toBe(url);
    await running;
    expect(await leader()).toBe(before);
  }, 60_000);

  it('gives an adapter’s place to another, and no request that runs fails by it', async () => {
    const url = await served(model.adapterId);
    const expected = await ask(url, model.adapterId, long);
    clock.advance(1_000);
    await want(model.other);
    const running = ask(url, model.adapterId, long);
    await computes(url);
    await pool.turn();
    clock.advance(LIMITS.drainSeconds * 1000);
    const started = performance.now();
    await served(model.other);
    console.log(`an adapter takes another's place in ${Math.round(performance.now() - started)} ms`);
    expect(await running).toBe(expected);
    expect(await ask(url, model.other)).not.toBe(await ask(url, model.baseId));
    await expect(ask(url, model.adapterId)).rejects.toThrow('404');
  }, 300_000);

  it('replaces an engine whose core was killed, after a pause', async () => {
    const first = await engine();
    const [core] = await childrenOf(await leader(), 'VLLM::EngineCore');
    process.kill(core!, 'SIGKILL');
    await turnUntil(async () => (await engine()).state === 'failed');
    expect(await engine()).toMatchObject({ id: first.id, failures: 1 });
    clock.advance(2_000);
    await want(model.other);
    const url = await served(model.other);
    expect((await engine()).id).not.toBe(first.id);
    expect(await ask(url, model.other)).not.toBe('');
  }, 300_000);

  it('lets an idle engine finish what it computes, and then ends it', async () => {
    const [group, url] = [await leader(), await served(model.other)];
    const expected = await ask(url, model.other, long);
    const running = ask(url, model.other, long);
    await computes(url);
    clock.advance(LIMITS.idleSeconds * 1000);
    await pool.turn();
    expect((await engine()).state).toBe('draining');
    clock.advance(LIMITS.drainSeconds * 1000);
    await turnUntil(async () => (await engine()).state === 'stopped');
    expect(await running).toBe(expected);
    await expect(readFile(`/proc/${group}/stat`)).rejects.toThrow('ENOENT');
    expect(await readdir(join(home, 'run', 'engines'))).toEqual([]);
  }, 120_000);
});

async function filesIn(folder: string): Promise<Record<string, Buffer>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, await readFile(join(folder, name))] as const)),
  );
}

async function childrenOf(parent: number, name: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [stat, command] = await Promise.all(
        ['stat', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      const parentOf = Number(stat!.slice(stat!.lastIndexOf(')') + 2).split(' ')[1]);
      return parentOf === parent && command!.startsWith(name) ? [pid] : [];
    }),
  );
  return found.flat();
}
