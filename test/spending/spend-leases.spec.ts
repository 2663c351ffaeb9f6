import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { startGatewayProcess } from '../../apps/gateway/src/spec-support/gateway-process.js';
import { eventually } from '../../apps/gateway/src/spec-support/world.js';
import { clientOf, LeasedPlatform, PRICES } from './leased-platform.fixture.js';

const ANSWER_TOKENS = 20;
/** The prompt's two words, as the fake engine counts. */
const CALL_NANOS = 2n * PRICES.input + BigInt(ANSWER_TOKENS) * PRICES.output;
/** The context is the bound of the prompt, whose template nobody knows here. */
const GREATEST_NANOS = 256n * PRICES.input + BigInt(ANSWER_TOKENS) * PRICES.output;
const CALLERS = 64;

let platform: LeasedPlatform;
let clients: OpenAI[];
let home: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  platform = await LeasedPlatform.start();
  clients = [await platform.client(), await platform.client()];
  home = await mkdtemp(join(tmpdir(), 'leases-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await platform?.stop();
  await rm(home, { recursive: true });
});
afterEach(() => {
  platform.engine.tokenMilliseconds = 0;
});

interface CallOptions {
  stream?: boolean;
  maxTokens?: number;
  signal?: AbortSignal;
}

/** A whole answer or a stream, read to its end. */
async function call(
  client: OpenAI,
  { stream = false, maxTokens = ANSWER_TOKENS, signal }: CallOptions = {},
): Promise<void> {
  const body = {
    model: platform.world.base.name,
    messages: [{ role: 'user' as const, content: 'Hello there' }],
    max_tokens: maxTokens,
    stream,
  };
  const answer: unknown = await client.chat.completions.create(body, { signal });
  if (stream) for await (const _ of answer as AsyncIterable<unknown>);
}

const count = () => platform.counter.count(platform.world.partner.organizationId);
/** What gateways no longer need they give back, and the worker releases when it has counted. */
const returned = () =>
  eventually(async () => {
    await count();
    expect(await platform.leases()).toEqual([]);
  });

it('takes no lease for who is under no hard cap', async () => {
  await platform.setCap({ limitNanos: 1n, isHard: false });
  await call(clients[0]!);
  await call(clients[1]!, { stream: true });
  expect(platform.asked).toEqual([]);
});

it('lets 64 at once, through two gateways, spend no more than a hard cap has left, and gives back what they did not use', async () => {
  await count();
  const limitNanos = 2n * CALL_NANOS + 5n * GREATEST_NANOS;
  const capId = await platform.setCap({ limitNanos });
  await platform.capsKnown();
  platform.engine.tokenMilliseconds = 20;
  const calls = Array.from({ length: CALLERS }, (_, position) =>
    call(clients[position % 2]!, { stream: position % 4 > 1 }),
  );
  await eventually(async () => expect((await platform.usedOf(capId)).heldNanos).toBeGreaterThan(3n * GREATEST_NANOS));
  await count();
  expect(await platform.stops()).toEqual([]);
  const results = await Promise.allSettled(calls);
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? result.reason : []));
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ status: 402, code: 'spend_cap_exceeded' });
    expect(refusal.message).toContain(capId);
  }
  const answered = BigInt(CALLERS - refusals.length);
  expect(answered).toBeGreaterThan(2n);
  await returned();
  const used = await platform.usedOf(capId);
  expect(used).toEqual({ heldNanos: 0n, spentNanos: (2n + answered) * CALL_NANOS });
  expect(used.spentNanos).toBeLessThanOrEqual(limitNanos);
  // What was held and not used is there for others.
  await call(clients[0]!);
  await returned();
});

it('counts what is leased in a cap that takes the place of another, and needs none once it is removed', async () => {
  await platform.setCap({ limitNanos: 1_000n * GREATEST_NANOS });
  await platform.capsKnown();
  platform.engine.trouble = 'silent';
  const before = platform.engine.requests.length;
  const caller = new AbortController();
  const waiting = call(clients[0]!, { signal: caller.signal });
  await eventually(() => expect(platform.engine.requests).toHaveLength(before + 1));
  const capId = await platform.setCap({ limitNanos: 2_000n * GREATEST_NANOS });
  await count();
  expect((await platform.usedOf(capId)).heldNanos).toBe(4n * GREATEST_NANOS);
  await platform.endCap(capId);
  await platform.capsKnown();
  const asked = platform.asked.length;
  platform.engine.trouble = 'none';
  await call(clients[0]!);
  expect(platform.asked.slice(asked).filter((url) => !url.endsWith('/close'))).toEqual([]);
  caller.abort();
  await expect(waiting).rejects.toThrow();
  await returned();
  expect((await platform.usedOf(capId)).heldNanos).toBe(0n);
});

it('releases the lease of a gateway that was killed, when its calls are counted', async () => {
  const { id: apiKeyId } = platform.key;
  const capId = await platform.setCap({ apiKeyId, limitNanos: 1_000n * GREATEST_NANOS });
  await count();
  const { spentNanos: spentBefore } = await platform.usedOf(capId);
  const { child, origin } = await startGatewayProcess(platform.world, home, { API_INTERNAL_URL: platform.listenerUrl });
  children.push(child);
  platform.engine.tokenMilliseconds = 100;
  const before = (await platform.usage()).length;
  const cut = call(clientOf(origin, platform.key.secret), { stream: true, maxTokens: 200 });
  await eventually(async () => expect((await platform.usage())[before]?.output_tokens).toBeGreaterThan(0));
  child.kill('SIGKILL');
  await expect(cut).rejects.toThrow();
  await count();
  expect(await platform.leases()).toMatchObject([{ closed_at: null }]);
  await platform.lateLostRecorders();
  await count();
  expect(await platform.leases()).toEqual([]);
  const delivered = (await platform.usage())[before]!;
  expect(delivered.state).toBe('cut');
  const ofCall = BigInt(delivered.input_tokens) * PRICES.input + BigInt(delivered.output_tokens) * PRICES.output;
  expect(await platform.usedOf(capId)).toEqual({ heldNanos: 0n, spentNanos: spentBefore + ofCall });
});

it('refuses who is under a hard cap while the api gives no lease', async () => {
  const { origin } = await platform.world.gateway();
  const refused = call(clientOf(origin, platform.key.secret));
  await expect(refused).rejects.toMatchObject({ status: 503, code: 'spend_lease_unavailable' });
});
