import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestOrganization, testOrganization } from '#test/harness';
import { ComputePlatform } from '../compute.fixture.js';
import { lockJob } from '../compute.repository.js';
import { appendHistory, type NewEvent, type NewMetric } from '../journal.js';
import { ComputeFeed, type ComputeUpdate } from './compute-feed.js';

describe('following a job', () => {
  let platform: ComputePlatform;
  let feed: ComputeFeed;
  let jobId: string;

  beforeAll(async () => {
    platform = await ComputePlatform.start();
  });

  afterAll(async () => {
    await platform.stop();
  });

  beforeEach(async () => {
    feed = new ComputeFeed(platform.database, platform.history);
    await feed.onApplicationBootstrap();
    jobId = await platform.submit();
  });

  afterEach(async () => {
    await feed.onModuleDestroy();
  });

  const follow = (after?: number) => feed.follow(platform.organization.scope, jobId, { after });
  const append = (events: NewEvent[], metrics: NewMetric[] = []) =>
    platform.tx(async (tx) => {
      await lockJob(tx, jobId);
      await appendHistory(tx, jobId, new Date(), { events, metrics, attempt: 1 });
    });
  const log = (message: string): NewEvent => ({ attempt: 1, type: 'log', message });
  const loss = (step: number): NewMetric => ({ name: 'train_loss', step, value: 1 / step });
  const messagesOf = ({ events }: ComputeUpdate) => events.map(({ message }) => message);

  it('shows what was, then what comes, and ends with the job', async () => {
    const follower = follow();
    const first = (await follower.next()).value as ComputeUpdate;
    expect(first).toMatchObject({ sequence: 1, state: 'queued', progress: null, metrics: [] });
    expect(messagesOf(first)).toEqual(['The job is queued.']);

    const waiting = follower.next();
    await append([log('one')], [loss(1), loss(2)]);
    const second = (await waiting).value as ComputeUpdate;
    expect(messagesOf(second)).toEqual(['one']);
    expect(second.metrics.map(({ step }) => step)).toEqual([1, 2]);
    expect(second.sequence).toBe(4);

    await platform.tx((tx) => platform.service.cancel(tx, jobId));
    const last = (await follower.next()).value as ComputeUpdate;
    expect(last).toMatchObject({ state: 'cancelled', sequence: 5 });
    expect(await follower.next()).toEqual({ value: undefined, done: true });
  });

  it('goes on after the number that was seen last', async () => {
    await append([log('one'), log('two')]);
    const update = (await follow(2).next()).value as ComputeUpdate;
    expect(messagesOf(update)).toEqual(['two']);
  });

  it('shows a long history in slices, each row once and none out of turn', async () => {
    for (let n = 0; n < 3; n++) {
      await append(
        Array.from({ length: 250 }, (_, k) => log(`${n * 250 + k}`)),
        [loss(n + 1)],
      );
    }
    await platform.tx((tx) => platform.service.cancel(tx, jobId));
    const updates: ComputeUpdate[] = [];
    for await (const update of follow()) updates.push(update);
    expect(updates.length).toBeGreaterThan(1);
    const numbers = updates.flatMap(({ events, metrics }) => [...events, ...metrics].map(({ sequence }) => sequence));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 755 }, (_, n) => n + 1));
    for (const [position, { sequence }] of updates.slice(0, -1).entries()) {
      const following = updates[position + 1]!;
      const smallest = Math.min(...[...following.events, ...following.metrics].map((row) => row.sequence));
      expect(smallest).toBeGreaterThan(sequence);
    }
  });

  it('misses nothing that is told while its connection is away', async () => {
    const follower = follow();
    await follower.next();
    const waiting = follower.next();
    await platform.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()`,
    );
    await append([log('in between')]);
    expect(messagesOf((await waiting).value as ComputeUpdate)).toEqual(['in between']);
  });

  it('lets a subscriber go that waits', async () => {
    const follower = follow();
    await follower.next();
    const waiting = follower.next();
    await sleep(50);
    await follower.return!();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  it('shows nothing to another organization', async () => {
    const other: TestOrganization = await testOrganization(platform.databaseServer);
    await expect(feed.follow(other.scope, jobId).next()).rejects.toMatchObject({ code: 'COMPUTE_JOB_NOT_FOUND' });
  });
});
