import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '#platform/database';
import {
  freePort,
  type TestDatabase,
  testDatabase,
  testEnvironment,
  testOrganization,
  testValkey,
} from '#test/harness';

/** The process itself, as it is deployed. */
describe('the worker', () => {
  let server: TestDatabase;
  let environment: Record<string, string>;
  let home: string;
  let port: number;
  let worker: ChildProcess | undefined;
  let output = '';

  beforeAll(async () => {
    server = await testDatabase();
    home = await mkdtemp(join(tmpdir(), 'worker-'));
    port = await freePort();
    environment = { ...testEnvironment(server, await testValkey()), FORKPOINT_HOME: home, WORKER_PORT: String(port) };
  });

  afterEach(async () => {
    if (worker?.exitCode === null && worker.signalCode === null) {
      worker.kill('SIGKILL');
      await once(worker, 'exit');
    }
  });

  afterAll(async () => {
    await server.drop();
    await rm(home, { recursive: true, force: true });
  });

  function start(): ChildProcess {
    output = '';
    const { PATH } = process.env;
    worker = spawn(process.execPath, [resolve('dist/apps/worker/src/main.js')], { env: { PATH, ...environment } });
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    worker.stdout!.on('data', keep);
    worker.stderr!.on('data', keep);
    return worker;
  }

  async function health(): Promise<{ status: string; messages: { open: number; parked: number } }> {
    for (let tries = 0; tries < 400; tries++) {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
      if (answer) return answer.json() as never;
      if (worker!.exitCode !== null) break;
      await sleep(100);
    }
    throw new Error(`the worker does not answer: ${output}`);
  }

  it('says how it is, handles messages, and ends in order when told to', async () => {
    start();
    expect(await health()).toEqual({ status: 'ok', messages: { open: 0, parked: 0, oldestOpenSeconds: 0 } });
    const organization = await testOrganization(server);
    const database = await new Database({ appUrl: server.urls.app }).connect();
    await database.transaction(organization.scope, async (tx) =>
      tx.publish({ type: 'compute.wanted', payload: { what: 'dispatch' } }),
    );
    await database.close();
    while ((await health()).messages.open > 0) await sleep(50);

    worker!.kill('SIGTERM');
    expect(await once(worker!, 'exit')).toEqual([null, 'SIGTERM']);
    expect(output).toContain('the queues are left in order');
    expect(output).not.toMatch(/"level":(50|60)/);
  });

  it('starts while Redis is away, and says so instead of failing', async () => {
    const { VALKEY_URL } = environment;
    environment.VALKEY_URL = `redis://127.0.0.1:${await freePort()}`;
    start();
    expect(await health()).toMatchObject({ status: 'ok' });
    expect(output).toContain('Redis');
    environment.VALKEY_URL = VALKEY_URL!;
  });

  it('names what its environment lacks', async () => {
    const { S3_BUCKET } = environment;
    delete environment.S3_BUCKET;
    const [code] = await once(start(), 'exit');
    expect(code).not.toBe(0);
    expect(output).toContain('S3_BUCKET');
    environment.S3_BUCKET = S3_BUCKET!;
  });
});
