import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '#platform/database';
import { createLogger } from '#platform/telemetry';
import { type TestDatabase, testDatabase } from '#test/harness';
import { parseDuration } from './duration.js';
import { Schedules } from './schedules.js';

const logger = createLogger('schedules-spec', 'silent');

describe('schedules', () => {
  let server: TestDatabase;
  const databases: Database[] = [];

  beforeAll(async () => {
    server = await testDatabase();
  });

  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
    await server.drop();
  });

  function schedules(): Schedules {
    const database = new Database({ appUrl: server.urls.app, narrowUrls: { reconciler: server.urls.reconciler } });
    databases.push(database);
    return new Schedules(database, logger);
  }

  /** However slow the machine is: what never comes ends with the test's patience. */
  const until = async (holds: () => boolean) => {
    while (!holds()) await sleep(5);
  };

  it('run one at a time in all processes together', async () => {
    let running = 0;
    let overlaps = 0;
    let runs = 0;
    const run = async () => {
      if (++running > 1) overlaps++;
      await sleep(15);
      running--;
      runs++;
    };
    const processes = [schedules(), schedules(), schedules()];
    for (const each of processes) each.start([{ name: 'spec.one', milliseconds: 5, run }]);
    await until(() => runs > 10);
    await Promise.all(processes.map((each) => each.stop()));
    expect(overlaps).toBe(0);
    const after = runs;
    await sleep(50);
    expect(runs).toBe(after);
  });

  it('come forward when asked, and right after a run that was under way', async () => {
    let runs = 0;
    const process = schedules();
    const run = async () => {
      runs++;
      await sleep(50);
    };
    process.start([{ name: 'spec.soon', milliseconds: 3_600_000, run }]);
    await until(() => runs === 1);
    process.runSoon('spec.soon');
    process.runSoon('spec.soon');
    await until(() => runs === 2);
    await sleep(100);
    expect(runs).toBe(2);
    process.runSoon('spec.soon');
    await until(() => runs === 3);
    await process.stop();
  });

  it('go on after a run that failed', async () => {
    let runs = 0;
    const process = schedules();
    const run = async () => {
      runs++;
      throw new Error('no');
    };
    process.start([{ name: 'spec.failing', milliseconds: 10, run }]);
    await until(() => runs > 3);
    await process.stop();
  });

  it('tell their runs when the process is to end', async () => {
    let [isUnderWay, told] = [false, false];
    const process = schedules();
    const run = (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        isUnderWay = true;
        signal.addEventListener('abort', () => {
          told = true;
          resolve();
        });
      });
    process.start([{ name: 'spec.ending', milliseconds: 10, run }]);
    await until(() => isUnderWay);
    await process.stop();
    expect(told).toBe(true);
  });
});

describe('durations', () => {
  it('have a unit', () => {
    expect(['500ms', '5s', '2m', '1h'].map(parseDuration)).toEqual([500, 5000, 120_000, 3_600_000]);
  });

  it.each(['5', 's', '0s', '1.5s', '5 s', '-1s'])('are not %p', (text) => {
    expect(() => parseDuration(text)).toThrow('is no duration');
  });
});
