import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { assertOpenAi, type TestOrganization, testGrant } from '#test/harness';
import { eventually, GatewayWorld } from '../../apps/gateway/src/spec-support/world.js';
import { baseCheckpoint } from './support/python.js';
import { type StartedEngine, startEngine } from './support/serving-session.js';

/** vLLM keeps whole blocks of a prompt, on a CPU of so many tokens. */
const BLOCK_TOKENS = 128;
const PROMPT_TOKENS = 2 * BLOCK_TOKENS + 44;
/** Tokens of the base's vocabulary that stand for text. */
const TEXT_TOKENS = { first: 20, count: 230 };

/** From an organization's call to its usage row, through the gateway and a real engine. */
describe('cached tokens of prompts', () => {
  let world: GatewayWorld;
  let folder: string;
  let engine: StartedEngine;
  let origin: string;
  let client: OpenAI;
  let model: string;
  let prompts = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forkpoint-cached-'));
    world = await GatewayWorld.create();
    const { lab, stranger, base } = world;
    await testGrant(world.testing, { lab, grantee: stranger, familyId: base.familyId });
    engine = await startEngine({ folder, base: (await baseCheckpoint(folder)).base, baseCheckpointId: base.id });
    await world.engineAt(engine.url);
    model = base.name;
    ({ origin } = await world.gateway());
    client = await clientOf(world.partner);
  }, 300_000);
  afterAll(async () => {
    await engine?.host.stop(engine.plan.engineId);
    await world?.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function clientOf(organization: TestOrganization): Promise<OpenAI> {
    const { secret } = await world.key(organization);
    const made = new OpenAI({ apiKey: secret, baseURL: `${origin}/v1`, maxRetries: 0 });
    await eventually(async () => expect((await made.models.list()).data).not.toEqual([]));
    return made;
  }

  /** Begins as no other does, so that nothing of it is in the cache. */
  function newPrompt(): number[] {
    const seed = ++prompts;
    return Array.from(
      { length: PROMPT_TOKENS },
      (_, position) => TEXT_TOKENS.first + ((seed * 31 + position * (seed + 6)) % TEXT_TOKENS.count),
    );
  }
  const request = (prompt: number[], more: { n?: number } = {}) => ({ model, prompt, max_tokens: 4, ...more });
  const cachedOf = (usage: OpenAI.CompletionUsage | null | undefined) => usage?.prompt_tokens_details?.cached_tokens;
  /** What the caller is told of it at the end of a stream. */
  async function streamed(prompt: number[], more: { n?: number } = {}): Promise<number | undefined> {
    const options = { stream: true as const, stream_options: { include_usage: true } };
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const event of await client.completions.create({ ...request(prompt, more), ...options }))
      usage = event.usage;
    return cachedOf(usage);
  }
  /** Of the last calls, oldest first. */
  const recorded = (count: number, expected: number[]) =>
    eventually(async () => {
      const rows = (await world.usage(model)).slice(-count);
      expect(rows.map(({ state }) => state)).toEqual(expected.map(() => 'settled'));
      expect(rows.map(({ cached_input_tokens }) => cached_input_tokens)).toEqual(expected);
    });

  it('are told to the caller and on record from the second time on, whole and streamed', async () => {
    const prompt = newPrompt();
    const whole = async () => (await client.completions.create(request(prompt))).usage;
    expect(await whole()).toMatchObject({ prompt_tokens: PROMPT_TOKENS, prompt_tokens_details: { cached_tokens: 0 } });
    const again = await whole();
    assertOpenAi('CompletionUsage', again);
    expect(cachedOf(again)).toBe(2 * BLOCK_TOKENS);
    expect(await streamed(prompt)).toBe(2 * BLOCK_TOKENS);
    await recorded(3, [0, 2 * BLOCK_TOKENS, 2 * BLOCK_TOKENS]);
    // What begins alike is cached as far as it is alike.
    expect(await streamed([...prompt.slice(0, BLOCK_TOKENS + 10), ...newPrompt()].slice(0, PROMPT_TOKENS))).toBe(
      BLOCK_TOKENS,
    );
  }, 60_000);

  it('are told of chats as well', async () => {
    const content = `Rust: ${'Pump : Integer := 3; '.repeat(14)}`;
    const chat = { model, messages: [{ role: 'user' as const, content }], max_tokens: 4 };
    expect(cachedOf((await client.chat.completions.create(chat)).usage)).toBe(0);
    const { usage } = await client.chat.completions.create(chat);
    expect(cachedOf(usage)).toBe(2 * BLOCK_TOKENS);
    let last: OpenAI.ChatCompletionChunk | undefined;
    const stream = { ...chat, stream: true as const, stream_options: { include_usage: true } };
    for await (const event of await client.chat.completions.create(stream)) last = event;
    for (const told of [usage, last?.usage]) assertOpenAi('CompletionUsage', told);
    expect(cachedOf(last?.usage)).toBe(2 * BLOCK_TOKENS);
    await recorded(3, [0, 2 * BLOCK_TOKENS, 2 * BLOCK_TOKENS]);
  }, 60_000);

  it('are never those of another organization: its prompts are not found', async () => {
    const [prompt, other] = [newPrompt(), await clientOf(world.stranger)];
    await client.completions.create(request(prompt));
    expect(cachedOf((await other.completions.create(request(prompt))).usage)).toBe(0);
    expect(cachedOf((await other.completions.create(request(prompt))).usage)).toBe(2 * BLOCK_TOKENS);
    await recorded(3, [0, 0, 2 * BLOCK_TOKENS]);
    // It is the word alone that keeps them apart: with it the engine finds them for whoever calls it.
    const cachedAs = async (salt: object) => {
      const body = JSON.stringify({ ...request(prompt), model: world.base.id, ...salt });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${engine.url}/v1/completions`, { method: 'POST', headers, body });
      return cachedOf(((await answer.json()) as OpenAI.Completion).usage);
    };
    expect(await cachedAs({ cache_salt: world.partner.organizationId })).toBe(2 * BLOCK_TOKENS);
    expect(await cachedAs({})).toBe(0);
  }, 60_000);

  it('are not what choices of one new prompt find of each other', async () => {
    const { usage } = await client.completions.create(request(newPrompt(), { n: 3 }));
    expect(cachedOf(usage)).toBeUndefined();
    const prompt = newPrompt();
    expect(await streamed(prompt, { n: 3 })).toBe(0);
    expect(await streamed(prompt, { n: 3 })).toBe(2 * BLOCK_TOKENS);
    await recorded(3, [0, 0, 2 * BLOCK_TOKENS]);
  }, 60_000);
});
