import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import type { EnginePlan } from './engine.js';
import { LocalVllmHost } from './local-vllm.host.js';
import { parseStat } from './process-group.js';

/** Stands where the interpreter would: a process with a child in its group, or one that ends with words. Not an engine. */
const PROGRAMS = {
  engine: 'sleep 300 & echo started; wait',
  /** Its child survives SIGTERM, as an engine core does whose server was killed. */
  stubborn: `sh -c 'trap "" TERM; while :; do sleep 1; done' & wait`,
  broken: 'echo loading; echo "ValueError: no such head size"; echo bye; exit 1',
};
const FIRST_PORT = 21_870;

describe('engines as processes', () => {
  let home: string;
  const hosts: LocalVllmHost[] = [];
  const started: string[] = [];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'forkpoint-host-'));
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((id) => hosts[0]!.stop(id)));
    hosts.splice(0);
    await rm(home, { recursive: true, force: true });
  });

  async function host(program: keyof typeof PROGRAMS = 'engine', portCount = 3): Promise<LocalVllmHost> {
    const python = join(home, 'python');
    await writeFile(python, `#!/bin/sh\n${PROGRAMS[program]}\n`);
    await chmod(python, 0o700);
    const made = new LocalVllmHost({
      home,
      python,
      threads: 1,
      firstPort: FIRST_PORT,
      portCount,
      stopGraceMilliseconds: 500,
    });
    hosts.push(made);
    return made;
  }

  const planOf = (): EnginePlan => {
    const engineId = newId('eng');
    started.push(engineId);
    return {
      engineId,
      baseCheckpointId: newId('ckpt'),
      modelFolder: '/none',
      dtype: 'float32',
      contextLengthTokens: 512,
      maxSequences: 16,
      maxAdaptersPerBatch: 4,
      maxAdapters: 16,
      maxRank: 16,
      kvCacheBytes: 1,
      memoryBytes: 1,
    };
  };

  async function leaderOf(engineId: string): Promise<number> {
    for (;;) {
      const stat = await readFile(join(home, 'run', 'engines', engineId, 'stat'), 'utf8').catch(() => '');
      if (stat) return parseStat(stat).pid;
      await sleep(10);
    }
  }

  async function membersOf(group: number): Promise<number[]> {
    const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
    const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
    return stats
      .map((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' '))
      .flatMap(([state, , pgrp], position) => (Number(pgrp) === group && state !== 'Z' ? [pids[position]!] : []));
  }

  async function untilMembers(group: number, count: number): Promise<void> {
    while ((await membersOf(group)).length !== count) await sleep(10);
  }

  it('are found again by the next worker, and ended with all their processes', async () => {
    const first = await host();
    const plan = planOf();
    const { url } = await first.start(plan);
    expect(url).toBe(`http://127.0.0.1:${FIRST_PORT}`);
    const leader = await leaderOf(plan.engineId);
    await untilMembers(leader, 2);

    const next = await host();
    expect(await next.observe(plan.engineId)).toEqual({ running: true });
    expect(await next.start(plan)).toEqual({ url });
    expect(await leaderOf(plan.engineId)).toBe(leader);
    await next.stop(plan.engineId);
    expect(await membersOf(leader)).toEqual([]);
    expect(await readdir(join(home, 'run', 'engines'))).toEqual([]);
  });

  it('that no row knows are ended', async () => {
    const first = await host();
    const [kept, orphan] = [planOf(), planOf()];
    const urls = [await first.start(kept), await first.start(orphan)].map(({ url }) => url);
    expect(new Set(urls).size).toBe(2);
    const leader = await leaderOf(orphan.engineId);
    const next = await host();
    expect(await next.stopOthers(new Set([kept.engineId]))).toEqual([orphan.engineId]);
    expect(await membersOf(leader)).toEqual([]);
    expect(await next.observe(kept.engineId)).toEqual({ running: true });
  });

  it('whose leader was killed are not running, and what it left is ended', async () => {
    const first = await host('stubborn');
    const plan = planOf();
    await first.start(plan);
    const leader = await leaderOf(plan.engineId);
    await untilMembers(leader, 3);
    process.kill(leader, 'SIGKILL');
    while ((await first.observe(plan.engineId)).running) await sleep(10);
    expect((await membersOf(leader)).length).toBeGreaterThan(0);
    await first.stop(plan.engineId);
    expect(await membersOf(leader)).toEqual([]);
  });

  it('say why they ended', async () => {
    const first = await host('broken');
    const plan = planOf();
    await first.start(plan);
    while ((await first.observe(plan.engineId)).running) await sleep(10);
    expect(await first.observe(plan.engineId)).toEqual({ running: false, reason: 'ValueError: no such head size' });
  });

  it('are not taken for a stranger that has their process id', async () => {
    const first = await host();
    const plan = planOf();
    await first.start(plan);
    const leader = await leaderOf(plan.engineId);
    const file = join(home, 'run', 'engines', plan.engineId, 'stat');
    const own = await readFile(file, 'utf8');
    // The same id with another start time: a process that came after ours.
    const { startTicks } = parseStat(own);
    await writeFile(file, own.replace(` ${startTicks} `, ` ${startTicks - 1} `));
    const next = await host();
    expect(await next.observe(plan.engineId)).toMatchObject({ running: false });
    await next.stop(plan.engineId);
    expect((await membersOf(leader)).length).toBeGreaterThan(0);
    process.kill(-leader, 'SIGKILL');
  });

  it('get a port that nobody listens on', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(FIRST_PORT, '127.0.0.1', listening));
    const narrow = await host('engine', 2);
    expect((await narrow.start(planOf())).url).toBe(`http://127.0.0.1:${FIRST_PORT + 1}`);
    await expect(narrow.start(planOf())).rejects.toMatchObject({ code: 'ENGINE_PORTS_TAKEN' });
    await new Promise((closed) => server.close(closed));
  });
});
