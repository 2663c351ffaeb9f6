import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel';
import { ComputePlatform } from '../compute.fixture.js';
import { Sweeper } from './sweeper.js';
import { WorkList } from './work-list.js';

const HOUR_MILLISECONDS = 3_600_000;

describe('the sweeper', () => {
  let platform: ComputePlatform;

  beforeAll(async () => {
    platform = await ComputePlatform.start();
  });

  afterAll(async () => {
    await platform.stop();
  });

  const keysUnder = async (prefix: string): Promise<string[]> => {
    const keys = [];
    for await (const { key } of platform.store.list(prefix)) keys.push(key.slice(prefix.length));
    return keys;
  };

  it('removes what attempts left half done an hour after the job, and keeps results, whole checkpoints and logs', async () => {
    await platform.startWorker();
    const id = await platform.submit({ steps: 6, checkpointEvery: 4, attempts: { 1: { corrupt: true } } });
    const { outputPrefix, endedAt } = await platform.reaches(id, 'succeeded');
    await platform.stopWorkers();
    await platform.store.put(`${outputPrefix}attempts/2/checkpoints/step-5/half.txt`, 'half');
    const clock = new ManualClock(new Date(endedAt!.getTime() + HOUR_MILLISECONDS - 1));
    const sweeper = new Sweeper(platform.database, new WorkList(platform.database), platform.store, clock);

    const before = await keysUnder(outputPrefix);
    expect(before).toContain('attempts/1/output/adapter.txt');
    await sweeper.sweep();
    expect(await keysUnder(outputPrefix)).toEqual(before);

    clock.advance(1);
    await sweeper.sweep();
    const after = await keysUnder(outputPrefix);
    expect(after.filter((key) => key.startsWith('attempts/'))).toEqual([
      'attempts/2/checkpoints/step-4/COMPLETE.json',
      'attempts/2/checkpoints/step-4/state.txt',
      'attempts/2/output/COMPLETE.json',
      'attempts/2/output/adapter.txt',
    ]);
    expect(after.filter((key) => key.startsWith('logs/'))).toEqual(before.filter((key) => key.startsWith('logs/')));
    expect(await new WorkList(platform.database).unswept(clock.now(), 10)).toEqual([]);
  });
});
