import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { JobSpec } from '#libs/messages';
import type { Observation } from '../driver.js';
import { LOG_LIMIT_BYTES, LocalDriver } from './local-driver.js';

const KEY = 'cjob_spec.1';

/** A spec that a trainer would take; these programs only read their own orders from `job_id`. */
const spec = JobSpec.parse({
  schema_version: 1,
  job_id: 'cjob_spec',
  attempt_id: 'att_spec',
  attempt: 1,
  api_url: 'http://127.0.0.1:1',
  heartbeat_seconds: 1,
  limits: { threads: 2, memory_bytes: 512 * 1024 ** 2, wall_seconds: 60 },
  kind: 'evaluate',
  parameters: { metric: 'exact_match', max_new_tokens: 1, batch_size: 1 },
  inputs: {
    base: [{ path: 'model.safetensors', bytes: 1, sha256: '0'.repeat(64) }],
    suite: [{ path: 'suite.jsonl', bytes: 1, sha256: '0'.repeat(64) }],
  },
});

describe('the local driver', () => {
  let folder: string;
  let driver: LocalDriver;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-driver-'));
  });

  afterEach(async () => {
    await driver.cancel(KEY, 'kill');
    await until(driver, (observation) => observation.phase !== 'running');
    await rm(folder, { recursive: true, force: true });
  });

  /** A driver whose trainer is this Node program. */
  async function driverOf(program: string): Promise<LocalDriver> {
    const file = join(folder, 'program.mjs');
    await writeFile(file, program);
    return new LocalDriver({ folder: join(folder, 'attempts'), slots: 1, command: [process.execPath, file] });
  }

  const submit = () => driver.submit({ key: KEY, spec, token: 'the-token' });
  const look = async (key = KEY) => (await driver.observe([key])).get(key)!;
  const log = async () => (await driver.logs(KEY, 0, LOG_LIMIT_BYTES)).toString();
  const ended = () => until(driver, (observation) => observation.phase === 'gone');

  it('gives a process its spec, its folder, its token and nothing of the worker’s environment', async () => {
    process.env.DATABASE_APP_URL_OF_SPEC = 'postgres://secret';
    driver = await driverOf(`
      import { readFileSync } from 'node:fs';
      const [, , , specFile, , work] = process.argv;
      const spec = JSON.parse(readFileSync(specFile, 'utf8'));
      console.log(JSON.stringify({ job: spec.job_id, work: process.cwd() === work, environment: process.env }));`);
    await submit();
    expect(await ended()).toEqual({ phase: 'gone', exit: { how: 'exited', code: 0 } });
    delete process.env.DATABASE_APP_URL_OF_SPEC;
    const { environment, ...said } = JSON.parse(await log());
    expect(said).toEqual({ job: 'cjob_spec', work: true });
    expect(environment).toMatchObject({ FORKPOINT_ATTEMPT_TOKEN: 'the-token', OMP_NUM_THREADS: '2' });
    const known =
      /^(PATH|PWD|OLDPWD|SHLVL|_|LANG|HOME|TMPDIR|OMP_.*|TOKENIZERS_PARALLELISM|HF_HUB_OFFLINE|PYTHONUNBUFFERED|FORKPOINT_ATTEMPT_TOKEN)$/;
    expect(Object.keys(environment).filter((name) => !known.test(name))).toEqual([]);
    expect(await readFile(join(folder, 'attempts', KEY, 'spec.json'), 'utf8')).not.toContain('the-token');
  });

  it.each([0, 65, 70, 75])('tells exit code %i', async (code) => {
    driver = await driverOf(`process.exit(${code})`);
    await submit();
    expect(await ended()).toEqual({ phase: 'gone', exit: { how: 'exited', code } });
  });

  it('tells a death by signal', async () => {
    driver = await driverOf(`process.kill(process.pid, 'SIGKILL')`);
    await submit();
    expect(await ended()).toEqual({ phase: 'gone', exit: { how: 'signalled', signal: 'SIGKILL' } });
  });

  it('starts a key once, however often and at once it is submitted', async () => {
    driver = await driverOf(`console.log('started'); setInterval(() => {}, 1000)`);
    await Promise.all([submit(), submit(), submit()]);
    await submit();
    await untilTrue(async () => (await log()) !== '');
    // Time for a second one to say so.
    await sleep(400);
    expect(await log()).toBe('started\n');
    expect(await driver.keys()).toEqual([KEY]);
  });

  it('hands a request to stop on to the process, which ends as it likes', async () => {
    driver = await driverOf(`
      process.on('SIGTERM', () => { console.log('saving'); setTimeout(() => process.exit(75), 100); });
      console.log('ready'); setInterval(() => {}, 1000)`);
    await submit();
    await untilTrue(async () => (await log()).includes('ready'));
    await driver.cancel(KEY, 'stop');
    expect(await ended()).toEqual({ phase: 'gone', exit: { how: 'exited', code: 75 } });
    expect(await log()).toBe('ready\nsaving\n');
  });

  it('kills a process that won’t listen, with everything it started', async () => {
    driver = await driverOf(`
      import { spawn } from 'node:child_process';
      process.on('SIGTERM', () => {});
      const child = spawn('sleep', ['1000']);
      console.log('child ' + child.pid); setInterval(() => {}, 1000)`);
    await submit();
    await untilTrue(async () => /child \d+\n/.test(await log()));
    const child = Number(/child (\d+)/.exec(await log())![1]);
    await driver.cancel(KEY, 'stop');
    await sleep(200);
    expect(await look()).toMatchObject({ phase: 'running' });
    expect(await exists(child)).toBe(true);
    await driver.cancel(KEY, 'kill');
    expect(await ended()).toMatchObject({ phase: 'gone', exit: { how: 'lost' } });
    expect(await exists(child)).toBe(false);
  });

  it('ends what an attempt leaves running behind it', async () => {
    driver = await driverOf(`
      import { spawn } from 'node:child_process';
      const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      console.log('child ' + child.pid); process.exit(0)`);
    await submit();
    expect(await ended()).toEqual({ phase: 'gone', exit: { how: 'exited', code: 0 } });
    const child = Number(/child (\d+)/.exec(await log())![1]);
    // Killed it is at once; whoever adopted it still has to take note.
    await untilTrue(async () => !(await exists(child)));
  });

  it('keeps what is running when its own process is killed: the next one sees how it ends', async () => {
    const end = join(folder, 'end');
    driver = await driverOf(`
      import { existsSync } from 'node:fs';
      setInterval(() => { if (existsSync('${end}')) process.exit(7); }, 50)`);
    const submission = JSON.stringify({ key: KEY, spec, token: 't' });
    const options = JSON.stringify({
      folder: join(folder, 'attempts'),
      slots: 1,
      command: [process.execPath, join(folder, 'program.mjs')],
    });
    const script = `
      import { LocalDriver } from '${process.cwd()}/dist/libs/compute/src/jobs/drivers/local/local-driver.js';
      await new LocalDriver(${options}).submit(${submission}); console.log('submitted'); setInterval(() => {}, 1000)`;
    const worker = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(worker.stdout, 'data');
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect(await look()).toMatchObject({ phase: 'running' });
    await writeFile(end, '');
    expect(await ended()).toEqual({ phase: 'gone', exit: { how: 'exited', code: 7 } });
  });

  it('says lost when nobody saw how it ended, and absent when it never was', async () => {
    driver = await driverOf(`console.log(process.ppid); setInterval(() => {}, 1000)`);
    expect(await look()).toEqual({ phase: 'absent' });
    await submit();
    await untilTrue(async () => (await log()) !== '');
    process.kill(Number(await log()), 'SIGKILL');
    expect(await ended()).toEqual({ phase: 'gone', exit: { how: 'lost' } });
  });

  it('is not taken in by another process of the same number', async () => {
    driver = await driverOf(`setInterval(() => {}, 1000)`);
    await submit();
    const path = join(folder, 'attempts', KEY, 'process');
    const mark = await readFile(path, 'utf8');
    const [pid, startTick, bootId] = mark.split(' ');
    await writeFile(path, `${pid} ${Number(startTick) - 1} ${bootId}`);
    expect(await look()).toEqual({ phase: 'gone', exit: { how: 'lost' } });
    await driver.cancel(KEY, 'kill');
    await writeFile(path, mark);
    expect(await look()).toMatchObject({ phase: 'running' });
  });

  it('measures memory, and cuts a log that grows without end', async () => {
    driver = await driverOf(`
      const held = Buffer.alloc(64 * 1024 ** 2, 1);
      const line = 'x'.repeat(1023) + '\\n';
      for (let n = 0; n < 6 * 1024; n++) process.stdout.write(line);
      setInterval(() => held.length, 1000)`);
    await submit();
    await untilTrue(async () => (await driver.logs(KEY, LOG_LIMIT_BYTES - 10, 100)).length === 10);
    await sleep(300);
    const observation = (await look()) as Extract<Observation, { phase: 'running' }>;
    expect(observation.residentBytes).toBeGreaterThan(64 * 1024 ** 2);
    const { size } = await stat(join(folder, 'attempts', KEY, 'log'));
    expect(size).toBe(LOG_LIMIT_BYTES);
    expect(await driver.logs(KEY, LOG_LIMIT_BYTES, 100)).toHaveLength(0);
  });

  it('forgets an attempt without a trace', async () => {
    driver = await driverOf(`process.exit(0)`);
    await submit();
    await ended();
    await driver.forget(KEY);
    expect(await driver.keys()).toEqual([]);
    expect(await look()).toEqual({ phase: 'absent' });
  });

  it('fails where the process can’t be started', async () => {
    driver = new LocalDriver({ folder: join(folder, 'attempts'), slots: 1, command: [join(folder, 'nothing')] });
    await submit();
    expect(await ended()).toEqual({ phase: 'gone', exit: { how: 'exited', code: 127 } });
    expect(await log()).toContain('nothing');
  });

  it('takes no key that leads out of its folder', async () => {
    driver = await driverOf('');
    await expect(driver.submit({ key: '../../etc.1', spec, token: 't' })).rejects.toThrow('no attempt');
  });
});

/** One that has ended and that init has not yet taken note of does not count. */
async function exists(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) [^ZX] /.test(stat);
}

async function until(driver: LocalDriver, met: (observation: Observation) => boolean): Promise<Observation> {
  let observation: Observation = { phase: 'absent' };
  await untilTrue(async () => {
    observation = (await driver.observe([KEY])).get(KEY)!;
    return met(observation);
  });
  return observation;
}

async function untilTrue(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('not so within 30 s');
    await sleep(20);
  }
}
