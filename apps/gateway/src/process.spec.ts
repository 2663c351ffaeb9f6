import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel';
import { LostRecorders } from '#libs/usage/jobs';
import type { FakeEngine } from '../../../test/fakes/engine.js';
import { startGatewayProcess } from './spec-support/gateway-process.js';
import { eventually, GatewayWorld } from './spec-support/world.js';

let world: GatewayWorld;
let home: string;
let fake: FakeEngine;
let secret: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  world = await GatewayWorld.create();
  home = await mkdtemp(join(tmpdir(), 'gateway-home-'));
  ({ fake } = await world.engine());
  ({ secret } = await world.key(world.partner));
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await world.close();
  await rm(home, { recursive: true });
});

async function start(): Promise<{ child: ChildProcess; origin: string }> {
  const started = await startGatewayProcess(world, home);
  children.push(started.child);
  return started;
}

const stream = (origin: string, model: string) =>
  fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'a b c' }], stream: true, max_tokens: 400 }),
  });

const tokensIn = (text: string) => text.match(/#\d+ /g)?.length ?? 0;

describe('the process', () => {
  it('killed in mid-stream leaves a request that is billed once, for no more than was delivered', async () => {
    const { child, origin } = await start();
    fake.tokenMilliseconds = 10;
    const response = await stream(origin, world.base.name);
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
        text += Buffer.from(chunk).toString();
    })();
    await eventually(() => expect(tokensIn(text)).toBeGreaterThan(150), 30_000);
    child.kill('SIGKILL');
    await expect(reading).rejects.toThrow();
    await eventually(() => expect(fake.aborted).toBe(1));
    expect(await world.usage(world.base.name)).toMatchObject([{ state: 'admitted' }]);
    // The next one is of no help to it: nobody but the reconciler knows that it is gone.
    const next = await start();
    const clock = new ManualClock(world.clock.now());
    const reconciler = new LostRecorders(world.database, clock);
    clock.advance(21_000);
    await reconciler.endTheirRequests();
    clock.advance(20_001);
    await reconciler.endTheirRequests();
    const [usage] = await world.usage(world.base.name);
    expect(usage).toMatchObject({ state: 'cut', end_reason: 'recorder_lost', input_tokens: 3 });
    expect(usage?.output_tokens).toBeGreaterThan(0);
    expect(usage?.output_tokens).toBeLessThanOrEqual(tokensIn(text));
    next.child.kill('SIGTERM');
    expect(await once(next.child, 'exit')).toEqual([0, null]);
  });

  it('told to end lets the answers under way end, and records them', async () => {
    const { child, origin } = await start();
    fake.tokenMilliseconds = 4;
    const response = await stream(origin, world.base.id);
    child.kill('SIGTERM');
    const text = await response.text();
    expect(tokensIn(text)).toBe(400);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await world.usage(world.base.id)).toMatchObject([{ state: 'settled', output_tokens: 400 }]);
    await expect(fetch(origin)).rejects.toThrow();
  });
});
