import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort, testEnvironment } from '#test/harness';
import { ComputePlatform, SCRIPTED_TRAINER, until } from './compute.fixture.js';

/** The deployed worker process, and what becomes of a job when it is killed or told to end. */
describe('a job whose worker', () => {
  let platform: ComputePlatform;
  let workers: ChildProcess[];
  let output = '';

  beforeEach(async () => {
    platform = await ComputePlatform.start();
    workers = [];
    output = '';
  });

  afterEach(async () => {
    for (const worker of workers) await end(worker, 'SIGKILL');
    await platform.stop();
  });

  async function startWorker(more: Record<string, string> = {}): Promise<ChildProcess> {
    const trainer = join(platform.folder, 'trainer.sh');
    await writeFile(trainer, `#!/bin/sh\nexec '${process.execPath}' '${SCRIPTED_TRAINER}' "$@"\n`, { mode: 0o700 });
    const env = {
      PATH: process.env.PATH,
      ...testEnvironment(platform.databaseServer, platform.valkey),
      FORKPOINT_HOME: platform.folder,
      WORKER_PORT: String(await freePort()),
      TRAINER_API_URL: platform.apiUrl,
      TRAINER_PYTHON: trainer,
      ...more,
    };
    const worker = spawn(process.execPath, [resolve('dist/apps/worker/src/main.js')], { env });
    for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (chunk) => (output += chunk));
    workers.push(worker);
    return worker;
  }

  async function end(worker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    worker.kill(signal);
    await once(worker, 'exit');
  }

  it('is killed runs on, and the next worker brings it to its end', async () => {
    const first = await startWorker();
    const id = await platform.submit({ steps: 40, stepMilliseconds: 150, checkpointEvery: 5 });
    await platform.passes(id, 3).catch((error: Error) => Promise.reject(new Error(`${error.message}\n${output}`)));
    await end(first, 'SIGKILL');
    await until(async () => ((await platform.job(id)).progress?.step ?? 0) >= 8, 60_000);
    await startWorker();
    const job = await platform.reaches(id, 'succeeded');
    expect(job).toMatchObject({ attempts: 1, failures: 0 });
    expect(await platform.series(id, 'train_loss')).toHaveLength(40);
  });

  it('is killed together with its process goes on after the newest checkpoint', async () => {
    const first = await startWorker();
    const orders = { steps: 12, checkpointEvery: 4, attempts: { 1: { hangAtStep: 10 } } };
    const id = await platform.submit(orders);
    await platform.passes(id, 9);
    await end(first, 'SIGKILL');
    await platform.driver({}).cancel(`${id}.1`, 'kill');
    await startWorker();
    expect(await platform.reaches(id, 'succeeded')).toMatchObject({ attempts: 2, failures: 1 });
    const [lost, second] = await platform.attempts(id);
    expect(lost).toMatchObject({ outcome: 'lost', error: { code: 'lost' } });
    expect(second).toMatchObject({ resume: { attempt: 1, step: 8 } });
  });

  it('is told to end with its jobs saves its state before the worker is gone', async () => {
    const first = await startWorker({ FORKPOINT_STOP_JOBS: '1' });
    const orders = {
      steps: 60,
      stepMilliseconds: 150,
      checkpointEvery: 1000,
      attempts: { 2: { stepMilliseconds: 1 } },
    };
    const id = await platform.submit(orders);
    await platform.passes(id, 3);
    await end(first, 'SIGTERM');
    expect(await platform.job(id)).toMatchObject({ state: 'queued', attempts: 1, failures: 0 });
    await startWorker();
    expect(await platform.reaches(id, 'succeeded')).toMatchObject({ attempts: 2, failures: 0 });
  });
});
