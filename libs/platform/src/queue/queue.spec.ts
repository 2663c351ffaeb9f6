import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { Database, DatabaseModule, type Scope, type Transaction } from '#platform/database';
import { type Message, Outbox } from '#platform/outbox';
import { createLogger } from '#platform/telemetry';
import {
  type TestDatabase,
  type TestOrganization,
  type TestValkey,
  testDatabase,
  testOrganization,
  testValkey,
} from '#test/harness';
import { HandlesMessage } from './decorators.js';
import { QueueModule } from './queue.module.js';

const LEASE_MILLISECONDS = 1500;

/** What the handlers of this spec do, set by each test. */
class Work {
  static wanted: (message: Message<'compute.wanted'>, scope: Scope) => Promise<void>;
  static verify: (message: Message<'compute.output.verify'>) => Promise<void>;

  @HandlesMessage('compute.wanted', { concurrency: 8, maxAttempts: 3, backoffMilliseconds: 20 })
  handleWanted(message: Message<'compute.wanted'>, scope: Scope): Promise<void> {
    return Work.wanted(message, scope);
  }

  @HandlesMessage('compute.output.verify', { concurrency: 2, backoffMilliseconds: 20 })
  handleVerify(message: Message<'compute.output.verify'>): Promise<void> {
    return Work.verify(message);
  }
}

describe('messages from the outbox to their handlers', () => {
  let databaseServer: TestDatabase;
  let valkey: TestValkey;
  let organization: TestOrganization;
  let database: Database;
  let worker: INestApplicationContext | undefined;
  let outbox: Outbox;

  beforeEach(async () => {
    [databaseServer, valkey] = await Promise.all([testDatabase(), testValkey()]);
    organization = await testOrganization(databaseServer);
    const { app, relay, reconciler } = databaseServer.urls;
    database = await new Database({ appUrl: app, narrowUrls: { relay, reconciler } }).connect();
    outbox = new Outbox(database);
    Work.wanted = async () => undefined;
    Work.verify = async () => undefined;
  });

  afterEach(async () => {
    await worker?.close();
    worker = undefined;
    await database.close();
    await databaseServer.drop();
  });

  async function startWorker(): Promise<void> {
    const { app, relay, reconciler } = databaseServer.urls;
    const logger = createLogger('queue-spec', 'silent');
    @Module({
      imports: [
        DatabaseModule.forRoot({ appUrl: app, narrowUrls: { relay, reconciler } }),
        QueueModule.forRoot({ url: valkey.url, logger, leaseMilliseconds: LEASE_MILLISECONDS }),
      ],
      providers: [Work],
    })
    class SpecWorker {}
    worker = await NestFactory.createApplicationContext(SpecWorker, { logger: false });
  }

  const inTransaction = <T>(work: (tx: Transaction) => Promise<T>) => database.transaction(organization.scope, work);
  const publishWanted = (count = 1, delayMilliseconds = 0) =>
    inTransaction(async (tx) => {
      for (let n = 0; n < count; n++) {
        tx.publish({ type: 'compute.wanted', payload: { what: 'dispatch' }, delayMilliseconds });
      }
    });
  const publishVerify = (attempt: number, key: string) =>
    inTransaction(async (tx) =>
      tx.publish({ type: 'compute.output.verify', key, payload: { computeJobId: key, attempt } }),
    );
  const openMessages = async () => (await outbox.statistics()).open;

  it('hands a message to its handler once, under its organization and as the system', async () => {
    const seen: Array<{ message: Message; scope: Scope }> = [];
    Work.wanted = async (message, scope) => void seen.push({ message, scope });
    await startWorker();
    await publishWanted();
    await until(async () => (await openMessages()) === 0);
    expect(seen).toHaveLength(1);
    expect(seen[0]!.message).toMatchObject({
      type: 'compute.wanted',
      version: 1,
      payload: { what: 'dispatch' },
      attempt: 1,
    });
    expect(seen[0]!.scope).toMatchObject({
      organizationId: organization.organizationId,
      kind: 'partner',
      actor: { type: 'system' },
    });
  });

  it('sends nothing of a transaction that rolled back', async () => {
    const seen: string[] = [];
    Work.wanted = async (message) => void seen.push(message.id);
    await startWorker();
    const failing = inTransaction(async (tx) => {
      tx.publish({ type: 'compute.wanted', payload: { what: 'dispatch' } });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await publishWanted();
    await until(async () => seen.length > 0 && (await openMessages()) === 0);
    expect(seen).toHaveLength(1);
  });

  it('tries a failing message again, then parks it, visibly, until a person frees it', async () => {
    let healthy = false;
    const attempts: number[] = [];
    Work.wanted = async (message) => {
      attempts.push(message.attempt);
      if (!healthy) throw new Error('the disk is full');
    };
    await startWorker();
    await publishWanted();
    await until(async () => (await outbox.statistics()).parked === 1);
    expect(attempts).toEqual([1, 2, 3]);
    const [parked] = await outbox.parked(10);
    expect(parked).toMatchObject({ type: 'compute.wanted', attempts: 3, organizationId: organization.organizationId });
    expect(parked!.lastError).toContain('Work.handleWanted: Error: the disk is full');

    healthy = true;
    expect(await outbox.unpark(parked!.id, new Date())).toBe(true);
    await until(async () => (await outbox.statistics()).parked === 0 && (await openMessages()) === 0);
    expect(attempts).toEqual([1, 2, 3, 1]);
  });

  it('parks what no longer fits its schema at once, and leaves a newer version to a newer worker', async () => {
    const handled: string[] = [];
    Work.wanted = async (message) => void handled.push(message.id);
    const insert = (version: number, payload: object) =>
      inTransaction(async (tx) => {
        const id = `msg_${Math.random().toString(36).slice(2)}`;
        await tx.query(
          `INSERT INTO outbox (id, type, version, organization_id, scope, payload, created_at, available_at)
           VALUES ($1, 'compute.wanted', $2, $3, $4, $5, $6, $6)`,
          [id, version, organization.organizationId, JSON.stringify(tx.scope), JSON.stringify(payload), new Date()],
        );
        return id;
      });
    await startWorker();
    const unfit = await insert(1, { what: 'unheard of' });
    await insert(2, { what: 'dispatch' });
    await until(async () => (await outbox.statistics()).parked === 1);
    expect((await outbox.parked(10)).map(({ id }) => id)).toEqual([unfit]);
    await sleep(200);
    expect(handled).toEqual([]);
    expect(await openMessages()).toBe(1);
  });

  it('handles messages of one key one after another in their order, those of others beside them', async () => {
    const order: string[] = [];
    const running = new Set<string>();
    let overlaps = 0;
    let together = 0;
    Work.verify = async ({ payload, key }) => {
      if (running.has(key!)) overlaps++;
      running.add(key!);
      together = Math.max(together, running.size);
      await sleep(30);
      running.delete(key!);
      if (key === 'a') order.push(`a${payload.attempt}`);
    };
    for (let n = 1; n <= 6; n++) {
      await publishVerify(n, 'a');
      await publishVerify(n, 'b');
    }
    await startWorker();
    await until(async () => (await openMessages()) === 0);
    expect(order).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
    expect(overlaps).toBe(0);
    expect(together).toBe(2);
  });

  it('loses nothing and runs nothing twice at once when Redis is flushed with running, waiting and delayed messages', async () => {
    const running = new Set<string>();
    const done: string[] = [];
    let overlaps = 0;
    const run = async ({ id }: Message) => {
      if (running.has(id)) overlaps++;
      running.add(id);
      // Beyond the lease: renewing it is what keeps the others away.
      await sleep(LEASE_MILLISECONDS * 2);
      running.delete(id);
      done.push(id);
    };
    Work.wanted = run;
    Work.verify = run;
    await startWorker();
    // Of eight places three are taken, so that a message could run a second time; of two both, so that others wait.
    await publishWanted(3);
    for (let n = 1; n <= 4; n++) await publishVerify(n, `job ${n}`);
    await publishWanted(1, 1000);
    await until(async () => running.size === 5);
    await flush(valkey);
    await sleep(500);
    await flush(valkey);
    await until(async () => (await openMessages()) === 0, 30_000);
    expect(overlaps).toBe(0);
    expect(done).toHaveLength(8);
    expect(new Set(done).size).toBe(8);
  });

  it('handles again what a killed worker was handling', async () => {
    const { app, relay, reconciler } = databaseServer.urls;
    const crashing = spawn(process.execPath, [resolve('dist/libs/platform/src/queue/crashing-worker.fixture.js')], {
      env: {
        ...process.env,
        APP_URL: app,
        RELAY_URL: relay,
        RECONCILER_URL: reconciler,
        VALKEY_URL: valkey.url,
        LEASE_MILLISECONDS: String(LEASE_MILLISECONDS),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await publishWanted();
    await printed(crashing, 'handling');
    crashing.kill('SIGKILL');
    await once(crashing, 'exit');

    const attempts: number[] = [];
    Work.wanted = async (message) => void attempts.push(message.attempt);
    await startWorker();
    await until(async () => (await openMessages()) === 0, 20_000);
    expect(attempts).toEqual([2]);
  });

  it('waits at its end for what it is handling', async () => {
    let finished = false;
    let begun = false;
    Work.wanted = async () => {
      begun = true;
      await sleep(400);
      finished = true;
    };
    await startWorker();
    await publishWanted();
    await until(async () => begun);
    await worker!.close();
    worker = undefined;
    expect(finished).toBe(true);
    expect(await openMessages()).toBe(0);
  });
});

async function flush({ url }: TestValkey): Promise<void> {
  const client = new Redis(url);
  await client.flushdb();
  client.disconnect();
}

async function printed(child: ChildProcess, text: string): Promise<void> {
  for await (const chunk of child.stdout!) if (String(chunk).includes(text)) return;
  throw new Error(`the process ended before it printed "${text}"`);
}

async function until(condition: () => Promise<boolean>, milliseconds = 30_000): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so within ${milliseconds} ms`);
    await sleep(20);
  }
}
