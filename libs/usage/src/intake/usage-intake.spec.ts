import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { ManualClock, newId } from '#libs/kernel';
import { Database } from '#platform/database';
import { createLogger } from '#platform/telemetry';
import { type TestDatabase, testDatabase } from '#test/harness';
import { LostRecorders } from '../jobs/lost-recorders.js';
import type { UsageBatch } from './usage-batch.js';
import { UsageIntake, type UsageRequest, type UsageTicket } from './usage-intake.js';
import { UsageJournal } from './usage-journal.js';
import { type UsageStore, usageStoreOver } from './usage-store.js';

const logger = createLogger('usage-spec', 'fatal');
const clock = new ManualClock();
let test: TestDatabase;
let database: Database;
let directory: string;

beforeAll(async () => {
  test = await testDatabase();
  database = new Database({ appUrl: test.urls.app, narrowUrls: { reconciler: test.urls.reconciler }, clock });
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await database.close();
  await test.drop();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'usage-'));
});

interface Row {
  id: string;
  source_id: string;
  state: string;
  end_reason: string | null;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  first_token_at: Date | null;
}

async function asOwner<T extends object>(sql: string, parameters: unknown[] = []): Promise<T[]> {
  const client = new pg.Client(test.urls.gateway);
  await client.connect();
  try {
    return (await client.query(sql, parameters)).rows as T[];
  } finally {
    await client.end();
  }
}

async function rowsOf(requestIds: readonly string[]): Promise<Row[]> {
  return asOwner<Row>(
    `SELECT id, source_id, state, end_reason, input_tokens::int, cached_input_tokens::int, output_tokens::int, first_token_at FROM usage_events
     WHERE source_id = ANY($1) ORDER BY source_id`,
    [requestIds],
  );
}

function requestOf(requestId: string): UsageRequest {
  return {
    requestId,
    organizationId: 'org_1',
    projectId: 'proj_1',
    apiKeyId: 'key_1',
    model: 'forge-1',
    checkpointId: 'ckpt_1',
    baseCheckpointId: 'ckpt_1',
    familyId: 'fam_1',
    deploymentId: null,
    revisionId: null,
  };
}

const processes: Process[] = [];

type Weather = 'up' | 'down' | 'commits_unheard';

/** A gateway process with a switch for its way to PostgreSQL, and one that stops it in mid-step as kill -9 would. */
class Process {
  weather: Weather = 'up';
  /** When PostgreSQL last heard that it lives. */
  heardAt: Date | null = null;
  private killed = false;
  private readonly clients: pg.Client[] = [];
  readonly intake: UsageIntake;

  constructor() {
    processes.push(this);
    const process = this;
    const at = (connectionString: string) => async () => {
      const client = new pg.Client({ connectionString, query_timeout: 3_000 });
      client.on('error', () => undefined);
      await client.connect();
      this.clients.push(client);
      return client;
    };
    const connect = usageStoreOver({ intake: at(test.urls.intake), gateway: at(test.urls.gateway) });
    class KillableJournal extends UsageJournal {
      override async append(batch: UsageBatch): Promise<void> {
        await process.passes();
        await super.append(batch);
      }
    }
    this.intake = new UsageIntake({
      connect: async () => this.faulty(await this.reached(connect)),
      journal: new KillableJournal(directory),
      clock,
      logger,
      countMilliseconds: 3,
    });
  }

  async kill(): Promise<void> {
    this.killed = true;
    // Stops its timers; what it would still write hangs.
    void this.intake.close();
    await Promise.all(this.clients.map((client) => client.end()));
  }

  private async passes(): Promise<void> {
    if (this.killed) await new Promise(() => undefined);
  }

  private async reached<T>(work: () => Promise<T>): Promise<T> {
    await this.passes();
    if (this.weather === 'down') throw new Error('connect ECONNREFUSED');
    return work();
  }

  private faulty(store: UsageStore): UsageStore {
    return {
      write: async (batch) => {
        await this.reached(() => store.write(batch));
        await this.passes();
        if (this.weather === 'commits_unheard') throw new Error('read ECONNRESET');
      },
      heartbeat: async (recorderId, at) => {
        await this.reached(() => store.heartbeat(recorderId, at));
        this.heardAt = at;
      },
      forgetRecorder: (recorderId) => this.reached(() => store.forgetRecorder(recorderId)),
      close: () => store.close(),
    };
  }
}

async function eventually(assertion: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 750; attempt++) {
    try {
      return await assertion();
    } catch {
      await pause(20);
    }
  }
  await assertion();
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function reconcile(): Promise<number> {
  const reconciler = new LostRecorders(database, clock);
  await reconciler.endTheirRequests();
  clock.advance(20_001);
  return reconciler.endTheirRequests();
}

describe('UsageIntake', () => {
  it('has a request on record before it says so, and settles it once', async () => {
    const { intake } = new Process();
    await intake.start();
    const requestId = newId('req');
    const ticket = intake.admit(requestOf(requestId));
    await ticket.admitted;
    expect(await rowsOf([requestId])).toMatchObject([{ id: ticket.id, state: 'admitted', output_tokens: 0 }]);
    await ticket.settle({ inputTokens: 12, cachedInputTokens: 8, outputTokens: 34 }, 'completed');
    await ticket.settle({ inputTokens: 99, cachedInputTokens: 0, outputTokens: 99 }, 'engine_failed');
    expect(await rowsOf([requestId])).toMatchObject([
      { state: 'settled', end_reason: 'completed', input_tokens: 12, cached_input_tokens: 8, output_tokens: 34 },
    ]);
    await intake.close();
  });

  it('records when the first token was delivered, of answers that are counted while they run', async () => {
    const { intake } = new Process();
    await intake.start();
    const [streamed, whole] = [newId('req'), newId('req')];
    const [ticket, wholeTicket] = [intake.admit(requestOf(streamed)), intake.admit(requestOf(whole))];
    await Promise.all([ticket.admitted, wholeTicket.admitted]);
    clock.advance(200);
    ticket.count({ inputTokens: 3, cachedInputTokens: 0, outputTokens: 0 });
    clock.advance(300);
    const firstTokenAt = clock.now();
    for (const outputTokens of [1, 2]) {
      ticket.count({ inputTokens: 3, cachedInputTokens: 0, outputTokens });
      clock.advance(40);
    }
    await ticket.settle({ inputTokens: 3, cachedInputTokens: 0, outputTokens: 2 }, 'completed');
    await wholeTicket.settle({ inputTokens: 3, cachedInputTokens: 0, outputTokens: 2 }, 'completed');
    expect(await rowsOf([streamed])).toMatchObject([{ first_token_at: firstTokenAt }]);
    expect(await rowsOf([whole])).toMatchObject([{ first_token_at: null }]);
    await intake.close();
  });

  it('hands over a journal of a version that recorded neither first tokens nor what was cached', async () => {
    const running = new Process();
    await running.intake.start();
    const [requestId, goingOn] = [newId('req'), newId('req')];
    const { id, admitted } = running.intake.admit(requestOf(requestId));
    const other = running.intake.admit(requestOf(goingOn));
    await Promise.all([admitted, other.admitted]);
    const count = { id: other.id, input_tokens: 4, output_tokens: 3, counted_at: clock.now() };
    const settlement = { id, input_tokens: 4, output_tokens: 9, end_reason: 'completed', ended_at: clock.now() };
    const batch = JSON.stringify({ admissions: [], counts: [count], settlements: [settlement] });
    await writeFile(join(directory, 'usage-earlier.999999999.jsonl'), `${batch}\n`);
    const { intake } = new Process();
    await intake.start();
    expect(await rowsOf([requestId, goingOn])).toMatchObject([
      { state: 'settled', input_tokens: 4, cached_input_tokens: 0, output_tokens: 9, first_token_at: null },
      { state: 'admitted', input_tokens: 4, cached_input_tokens: 0, output_tokens: 3 },
    ]);
    expect(await readdir(directory)).toEqual([]);
    await Promise.all([intake.close(), running.intake.close()]);
  });

  it('gathers what arrives together into few commits', async () => {
    const { intake } = new Process();
    await intake.start();
    const [{ before }] = await commits();
    const tickets = Array.from({ length: 300 }, () => intake.admit(requestOf(newId('req'))));
    await Promise.all(tickets.map((ticket) => ticket.admitted));
    const [{ before: after }] = await commits();
    // Its own reading and background work commit too; 300 commits it is not.
    expect(Number(after) - Number(before)).toBeLessThan(60);
    await Promise.all(
      tickets.map((ticket) => ticket.settle({ inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 }, 'completed')),
    );
    await intake.close();
  });

  it('refuses the request whose row PostgreSQL refuses, and no other of its batch', async () => {
    const { intake } = new Process();
    await intake.start();
    const requestIds = Array.from({ length: 20 }, () => newId('req'));
    const bad = intake.admit({ ...requestOf(newId('req')), model: 'no\0text' });
    const tickets = requestIds.map((requestId) => intake.admit(requestOf(requestId)));
    await expect(bad.admitted).rejects.toMatchObject({ code: 'USAGE_INTAKE_UNAVAILABLE' });
    await Promise.all(tickets.map(({ admitted }) => admitted));
    const ends = tickets.map((ticket, position) =>
      ticket.settle(
        { inputTokens: 1, cachedInputTokens: 0, outputTokens: position === 3 ? -1 : position },
        'completed',
      ),
    );
    await expect(ends[3]).rejects.toThrow('usage_events_output_tokens_check');
    await Promise.all(ends.filter((_, position) => position !== 3));
    const settled = (await rowsOf(requestIds)).filter(({ state }) => state === 'settled');
    expect(settled.map(({ source_id }) => source_id).sort()).toEqual(
      requestIds.filter((_, position) => position !== 3).sort(),
    );
    await intake.close();
  });

  it('hands over what holds of a journal whose batch holds a bad row', async () => {
    const process = new Process();
    await process.intake.start();
    process.weather = 'down';
    const requestIds = Array.from({ length: 5 }, () => newId('req'));
    const bad = newId('req');
    const tickets = [
      process.intake.admit({ ...requestOf(bad), model: 'no\0text' }),
      ...requestIds.map((requestId) => process.intake.admit(requestOf(requestId))),
    ];
    await Promise.all(tickets.map(({ admitted }) => admitted));
    process.weather = 'up';
    await eventually(async () => expect(await rowsOf(requestIds)).toHaveLength(5));
    expect(await rowsOf([bad])).toEqual([]);
    await process.intake.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it('keeps serving without PostgreSQL from a journal on disk, and hands it over when the database is back', async () => {
    const process = new Process();
    await process.intake.start();
    process.weather = 'down';
    const requestIds = [newId('req'), newId('req')];
    const [settled, running] = requestIds.map((id) => process.intake.admit(requestOf(id))) as [
      UsageTicket,
      UsageTicket,
    ];
    await Promise.all([settled.admitted, running.admitted]);
    await settled.settle({ inputTokens: 5, cachedInputTokens: 4, outputTokens: 6 }, 'completed');
    expect(await rowsOf(requestIds)).toEqual([]);
    process.weather = 'up';
    await eventually(async () =>
      expect(await rowsOf(requestIds)).toMatchObject([
        { state: 'settled', cached_input_tokens: 4, output_tokens: 6 },
        { state: 'admitted' },
      ]),
    );
    await running.settle({ inputTokens: 1, cachedInputTokens: 0, outputTokens: 2 }, 'completed');
    await process.intake.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it('refuses requests when it can record them nowhere', async () => {
    const process = new Process();
    process.weather = 'down';
    await process.intake.start();
    await rm(directory, { recursive: true });
    await writeFile(directory, 'no directory');
    await expect(process.intake.admit(requestOf(newId('req'))).admitted).rejects.toMatchObject({
      code: 'USAGE_INTAKE_UNAVAILABLE',
    });
    await rm(directory);
  });

  it('bills what was last counted when its process dies, and leaves the requests of living ones alone', async () => {
    const dying = new Process();
    const living = new Process();
    await Promise.all([dying.intake.start(), living.intake.start()]);
    const [lost, kept] = [newId('req'), newId('req')];
    const lostTicket = dying.intake.admit(requestOf(lost));
    const keptTicket = living.intake.admit(requestOf(kept));
    await Promise.all([lostTicket.admitted, keptTicket.admitted]);
    lostTicket.count({ inputTokens: 7, cachedInputTokens: 5, outputTokens: 40 });
    await eventually(async () => expect(await rowsOf([lost])).toMatchObject([{ output_tokens: 40 }]));
    await dying.kill();
    lostTicket.count({ inputTokens: 7, cachedInputTokens: 0, outputTokens: 55 });
    clock.advance(30_000);
    await living.intake.heartbeat();
    expect(await reconcile()).toBe(1);
    expect(await rowsOf([lost])).toMatchObject([
      { state: 'cut', end_reason: 'recorder_lost', input_tokens: 7, cached_input_tokens: 5, output_tokens: 40 },
    ]);
    expect(await rowsOf([kept])).toMatchObject([{ state: 'admitted' }]);
    await keptTicket.settle({ inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 }, 'completed');
    await living.intake.close();
  });

  it('does not take an outage of PostgreSQL for the death of a gateway', async () => {
    const { intake } = new Process();
    await intake.start();
    const requestId = newId('req');
    const ticket = intake.admit(requestOf(requestId));
    await ticket.admitted;
    // An hour without heartbeats, then the reconciler is back first and the gateway a moment later.
    clock.advance(3_600_000);
    const reconciler = new LostRecorders(database, clock);
    await reconciler.endTheirRequests();
    await intake.heartbeat();
    clock.advance(20_001);
    await reconciler.endTheirRequests();
    expect(await rowsOf([requestId])).toMatchObject([{ state: 'admitted' }]);
    await ticket.settle({ inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 }, 'completed');
    await intake.close();
  });

  it('bills every request exactly once under any sequence of outages, crashes, retries and reconciliations', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), holdsExactlyOnce), {
      numRuns: 50,
    });
  }, 600_000);
});

async function commits(): Promise<[{ before: string }]> {
  await pause(1_100); // Statistics of a session are told once a second.
  return (await asOwner<{ before: string }>(
    'SELECT xact_commit AS before FROM pg_stat_database WHERE datname = current_database()',
  )) as [{ before: string }];
}

type Step =
  | { act: 'admit' }
  | { act: 'deliver'; which: number; tokens: number }
  | { act: 'settle'; which: number }
  | { act: 'weather'; weather: Weather }
  | { act: 'kill' }
  | { act: 'reconcile' }
  | { act: 'pause' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ act: 'admit' }) },
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant<'deliver'>('deliver'),
      which: fc.nat(),
      tokens: fc.integer({ min: 1, max: 50 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant<'settle'>('settle'), which: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant<'weather'>('weather'),
      weather: fc.constantFrom<Weather>('up', 'down', 'commits_unheard'),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ act: 'kill' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ act: 'reconcile' }) },
  { weight: 10, arbitrary: fc.constant<Step>({ act: 'pause' }) },
);

interface Known {
  requestId: string;
  ticket: UsageTicket;
  delivered: number;
  admitted: boolean;
  settlementAsked: boolean;
  settled: boolean;
  /** Its process was silent for so long, as the reconciler saw it, that it may have been taken for dead. */
  mayBeTakenForDead: boolean;
}

async function holdsExactlyOnce(steps: Step[]): Promise<void> {
  const requests: Known[] = [];
  const ended = new Map<string, Row>();
  const alive: Known[] = [];
  let process = new Process();
  await process.intake.start();
  for (const one of steps) {
    if (one.act === 'admit') {
      const requestId = newId('req');
      const ticket = process.intake.admit(requestOf(requestId));
      const known: Known = {
        requestId,
        ticket,
        delivered: 0,
        admitted: false,
        settlementAsked: false,
        settled: false,
        mayBeTakenForDead: false,
      };
      void ticket.admitted.then(() => {
        known.admitted = true;
      });
      requests.push(known);
      alive.push(known);
    } else if (one.act === 'deliver' && alive.length > 0) {
      const known = alive[one.which % alive.length] as Known;
      // As the gateway does it: nothing is delivered before the request is on record, nothing is counted before it is delivered.
      if (!known.admitted || known.settlementAsked) continue;
      known.delivered += one.tokens;
      known.ticket.count({ inputTokens: 3, cachedInputTokens: 0, outputTokens: known.delivered });
    } else if (one.act === 'settle' && alive.length > 0) {
      const known = alive[one.which % alive.length] as Known;
      known.settlementAsked = true;
      void known.ticket
        .settle({ inputTokens: 3, cachedInputTokens: 0, outputTokens: known.delivered }, 'completed')
        .then(() => {
          known.settled = true;
        });
    } else if (one.act === 'weather') {
      process.weather = one.weather;
    } else if (one.act === 'kill') {
      await process.kill();
      alive.length = 0;
      process = new Process();
      await process.intake.start();
    } else if (one.act === 'reconcile') {
      if (process.weather === 'up') await process.intake.heartbeat();
      // Good weather does not mean that it has connected again by now.
      const isHeard = process.heardAt?.getTime() === clock.now().getTime();
      if (!isHeard) for (const known of alive) known.mayBeTakenForDead = true;
      await reconcile();
      for (const row of await rowsOf(requests.map(({ requestId }) => requestId))) {
        if (row.state !== 'admitted') ended.set(row.id, row);
      }
    } else await pause(4);
  }
  const promised = requests.map(({ admitted, settled }) => ({ admitted, settled }));
  await process.kill();
  const last = new Process();
  await last.intake.start();
  await last.intake.close();
  clock.advance(60_000);
  // A statement of a killed process may commit a moment later: the reconciler comes again and again.
  await eventually(async () => {
    await reconcile();
    const rows = await rowsOf(requests.map(({ requestId }) => requestId));
    expect(rows.filter(({ state }) => state === 'admitted')).toEqual([]);
  });
  await checkBill(requests, promised, ended);
}

async function checkBill(
  requests: Known[],
  promised: Array<{ admitted: boolean; settled: boolean }>,
  ended: ReadonlyMap<string, Row>,
): Promise<void> {
  const rows = await rowsOf(requests.map(({ requestId }) => requestId));
  // What has been billed once never changes again.
  expect(rows.filter(({ id }) => ended.has(id))).toEqual(rows.flatMap(({ id }) => ended.get(id) ?? []));
  requests.forEach((known, position) => {
    const billed = rows.filter((row) => row.source_id === known.requestId);
    const { admitted, settled } = promised[position] as { admitted: boolean; settled: boolean };
    expect(billed.length).toBeLessThanOrEqual(1);
    const [row] = billed;
    if (admitted) expect(row).toBeDefined();
    if (!row) return;
    expect(['settled', 'cut']).toContain(row.state);
    expect(row.output_tokens).toBeLessThanOrEqual(known.delivered);
    if (row.state === 'settled')
      expect({ asked: known.settlementAsked, tokens: row.output_tokens }).toEqual({
        asked: true,
        tokens: known.delivered,
      });
    // What was said to be settled is.
    if (settled && !known.mayBeTakenForDead) expect(row.state).toBe('settled');
  });
}
