import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OwnPlatform } from '#test/harness';

/** Without a lineage to publish: what is tried here is how a platform starts, ends and recovers. */
const EMPTY = { FORKPOINT_SEED: 'none' };
const READY_WITHIN = 180_000;

describe('starting and stopping a platform', () => {
  let platform: OwnPlatform;

  beforeAll(async () => {
    platform = await OwnPlatform.at('.forkpoint/start-and-stop');
  });

  afterAll(() => platform.cleanUp());

  function gatewayIsHealthy(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${platform.ports.gateway}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
  }

  test('kill -9 of the supervisor: the next start ends what was left, and Ctrl-C ends everything', async () => {
    const first = platform.start(EMPTY);
    await first.ready(READY_WITHIN);
    expect(await gatewayIsHealthy()).toBe(true);
    const before = ['postgres', 'valkey', 'seaweedfs', 'api', 'worker', 'gateway'].map(
      (name) => platform.part(name)?.pid,
    );
    expect(before).not.toContain(undefined);

    first.signal('SIGKILL');
    await first.ended;
    // Nobody is there to end them, so they run on.
    expect(platform.leftovers().length).toBeGreaterThanOrEqual(before.length);

    const second = platform.start(EMPTY);
    await second.ready(READY_WITHIN);
    expect(second.output()).toContain('Ended what was left behind:');
    expect(second.output()).toContain('Migrations: up to date');
    expect(await gatewayIsHealthy()).toBe(true);
    const after = ['postgres', 'valkey', 'seaweedfs', 'api', 'worker', 'gateway'].map(
      (name) => platform.part(name)?.pid,
    );
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);

    second.signal('SIGINT');
    expect(await second.ended).toBe(0);
    expect(platform.leftovers()).toEqual([]);
    expect(await gatewayIsHealthy()).toBe(false);
  });

  test('Ctrl-C in the middle of a start ends what had been started', async () => {
    const started = platform.start(EMPTY);
    await started.says('postgres is ready');
    started.signal('SIGINT');
    expect(await started.ended).toBe(130);
    expect(started.output()).toContain('Everything has stopped.');
    expect(platform.leftovers()).toEqual([]);
    expect(platform.supervisor()).toBeNull();
  });

  test('a port that is taken is named before anything starts, with what to do', async () => {
    const other = await OwnPlatform.at('.forkpoint/start-and-stop-other');
    const { createServer } = await import('node:net');
    const squatter = createServer().listen(other.ports.api, '127.0.0.1');
    const started = other.start(EMPTY);
    expect(await started.ended).toBe(1);
    expect(started.output()).toContain(`another program listens on ${other.ports.api} (api)`);
    expect(started.output()).toContain('FORKPOINT_PORT_BASE=');
    expect(other.leftovers()).toEqual([]);
    squatter.close();
    await other.cleanUp();
  });
});
