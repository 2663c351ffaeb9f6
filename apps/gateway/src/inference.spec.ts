import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { assertOpenAi } from '#test/harness';
import type { FakeEngine } from '../../../test/fakes/engine.js';
import { eventually, GatewayWorld, SPECIAL_TOKENS } from './spec-support/world.js';

let world: GatewayWorld;
let origin: string;
let engine: { id: string; fake: FakeEngine };
let variant: { id: string; name: string };
let deployment: { id: string; name: string; revisionIds: string[] };
let key: { id: string; secret: string };
let client: OpenAI;

beforeAll(async () => {
  world = await GatewayWorld.create();
  variant = await world.variant(world.partner);
  deployment = await world.deployment(world.partner, 'prod', [variant.id, world.base.id]);
  engine = await world.engine([variant.id]);
  key = await world.key(world.partner);
  ({ origin } = await world.gateway());
  client = clientOf(key.secret);
});
afterAll(() => world.close());
beforeEach(() => {
  engine.fake.trouble = 'none';
  engine.fake.tokenMilliseconds = 0;
  engine.fake.cachedTokens = null;
  engine.fake.requests.length = 0;
});

const clientOf = (apiKey: string) => new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 });
const headers = () => ({ authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' });
const post = (path: string, body: unknown, more: Record<string, string> = {}) =>
  fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { ...headers(), ...more },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const chat = (content: unknown = 'Hello there', more: object = {}) => ({
  model: variant.name,
  messages: [{ role: 'user', content }],
  ...more,
});
const lastUsage = async (model: string) => (await world.usage(model)).at(-1);

describe('the official client', () => {
  it('gets a whole answer, under the name it asked for', async () => {
    const { data, response } = await client.chat.completions.create(chat('Hello there') as never).withResponse();
    assertOpenAi('CreateChatCompletionResponse', data);
    const requestId = response.headers.get('x-request-id');
    expect(data).toMatchObject({ model: variant.name, id: `chatcmpl-${requestId}` });
    expect(data.usage).toEqual({ prompt_tokens: 2, completion_tokens: 8, total_tokens: 10 });
    expect(data.choices[0]?.message.content).toContain(`${variant.id}#7`);
    expect(engine.fake.requests[0]?.body.model).toBe(variant.id);
    expect(engine.fake.requests[0]?.headers.authorization).toBeUndefined();
    await eventually(async () =>
      expect(await lastUsage(variant.name)).toMatchObject({
        source_id: requestId,
        state: 'settled',
        end_reason: 'completed',
        input_tokens: 2,
        output_tokens: 8,
        checkpoint_id: variant.id,
        project_id: world.partner.projectId,
        api_key_id: key.id,
        first_token_at: null,
      }),
    );
  });

  it('gets a stream as the engine sends it, without the usage that it did not ask for', async () => {
    const stream = await client.chat.completions.create(chat('a b c', { stream: true, max_tokens: 20 }) as never);
    const events: OpenAI.ChatCompletionChunk[] = [];
    for await (const event of stream as unknown as AsyncIterable<OpenAI.ChatCompletionChunk>) events.push(event);
    // Of the earlier ones OpenAI's document forgets that their finish_reason is null.
    assertOpenAi('CreateChatCompletionStreamResponse', events.at(-1));
    expect(events).toHaveLength(21);
    expect(new Set(events.map(({ model }) => model))).toEqual(new Set([variant.name]));
    expect(events.some((event) => 'usage' in event)).toBe(false);
    expect(events.map((event) => event.choices[0]?.delta.content).join('')).toMatch(/#0 .*#19 $/);
    await eventually(async () =>
      expect(await lastUsage(variant.name)).toMatchObject({ state: 'settled', input_tokens: 3, output_tokens: 20 }),
    );
  });

  it('has the moment of its first token on record when it is streamed', async () => {
    engine.fake.tokenMilliseconds = 60;
    const request = chat('a b c', { stream: true, max_tokens: 4 });
    const stream = (await client.chat.completions.create(request as never)) as unknown as AsyncIterable<unknown>;
    for await (const _ of stream);
    await eventually(async () => {
      const { admitted_at, first_token_at, ended_at } = (await lastUsage(variant.name))!;
      expect(Number(first_token_at) - Number(admitted_at)).toBeGreaterThanOrEqual(0);
      // Three more tokens came after it.
      expect(Number(ended_at) - Number(first_token_at)).toBeGreaterThan(120);
    });
  });

  it('gets the usage where it asked for it: as the last event, null in those before', async () => {
    const asked = chat('a b', { stream: true, stream_options: { include_usage: true } });
    const stream = (await client.chat.completions.create(
      asked as never,
    )) as unknown as AsyncIterable<OpenAI.ChatCompletionChunk>;
    const events: OpenAI.ChatCompletionChunk[] = [];
    for await (const event of stream) events.push(event);
    const last = events.pop();
    expect(last).toMatchObject({ choices: [], model: variant.name, usage: { prompt_tokens: 2, completion_tokens: 8 } });
    expect(events.every(({ usage }) => usage === null)).toBe(true);
  });

  it('completes prompts, whole and streamed, through a deployment by its name', async () => {
    const whole = await client.completions.create({ model: deployment.name, prompt: 'One two', max_tokens: 4 });
    assertOpenAi('CreateCompletionResponse', whole);
    expect(whole).toMatchObject({ model: deployment.name, usage: { completion_tokens: 4 } });
    const stream = await client.completions.create({ model: deployment.id, prompt: 'One two', stream: true });
    let text = '';
    for await (const event of stream) text += event.choices[0]?.text;
    expect(text).toMatch(/#0 .*#7 $/);
    await eventually(async () =>
      expect(await lastUsage(deployment.id)).toMatchObject({
        state: 'settled',
        deployment_id: deployment.id,
        revision_id: deployment.revisionIds[0],
        checkpoint_id: variant.id,
      }),
    );
  });

  it('lists the models it may call, and no others', async () => {
    const { data } = await client.models.list();
    assertOpenAi('ListModelsResponse', { object: 'list', data });
    expect(data.map(({ id }) => id).sort()).toEqual([world.base.name, variant.name, deployment.name].sort());
    const stranger = clientOf((await world.key(world.stranger)).secret);
    await eventually(async () => expect((await stranger.models.list()).data).toEqual([]));
    // The client encodes the slash, curl does not.
    expect((await client.models.retrieve(deployment.name)).id).toBe(deployment.name);
    const raw = await fetch(`${origin}/v1/models/${deployment.name}`, {
      headers: { authorization: `Bearer ${key.secret}` },
    });
    expect(await raw.json()).toMatchObject({ id: deployment.name, object: 'model' });
    await expect(client.models.retrieve('nothing')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('is told of errors in its own classes', async () => {
    await expect(clientOf('fpk_nonsense').models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(client.chat.completions.create({ ...chat(), model: 'gpt-4' } as never)).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
      type: 'invalid_request_error',
      requestID: expect.stringMatching(/^req_/),
    });
    engine.fake.trouble = 'breaks_midway';
    engine.fake.tokenMilliseconds = 5;
    const stream = (await client.chat.completions.create(
      chat('x', { stream: true }) as never,
    )) as unknown as AsyncIterable<unknown>;
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});

describe('what of a prompt was cached', () => {
  const prompt = () => ({ model: variant.name, prompt: 'one two three four' });
  const CACHED = { state: 'settled', end_reason: 'completed', input_tokens: 4, cached_input_tokens: 3 };

  it('is told to the caller and is on record, of whole answers at both endpoints', async () => {
    engine.fake.cachedTokens = 3;
    const answer = await client.chat.completions.create(chat('one two three four') as never);
    const completed = await client.completions.create(prompt());
    assertOpenAi('CreateChatCompletionResponse', answer);
    assertOpenAi('CreateCompletionResponse', completed);
    for (const { usage } of [answer, completed])
      expect(usage).toMatchObject({ prompt_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } });
    await eventually(async () => expect((await world.usage(variant.name)).slice(-2)).toMatchObject([CACHED, CACHED]));
  });

  it('is on record of a stream whose caller asks for no usage, and told where they ask', async () => {
    engine.fake.cachedTokens = 3;
    for await (const _ of await client.completions.create({ ...prompt(), stream: true }));
    await eventually(async () => expect(await lastUsage(variant.name)).toMatchObject(CACHED));
    const asked = { ...prompt(), stream: true as const, stream_options: { include_usage: true } };
    let last: OpenAI.Completion | undefined;
    for await (const event of await client.completions.create(asked)) last = event;
    expect(last?.usage?.prompt_tokens_details?.cached_tokens).toBe(3);
  });

  it('is never more than the prompt', async () => {
    engine.fake.cachedTokens = 1_000;
    await client.completions.create(prompt());
    await eventually(async () =>
      expect(await lastUsage(variant.name)).toMatchObject({
        state: 'settled',
        input_tokens: 4,
        cached_input_tokens: 4,
      }),
    );
  });

  it('is not known of several choices in a whole answer: neither the caller nor the bill hears of it', async () => {
    engine.fake.cachedTokens = 3;
    const { usage } = await client.completions.create({ ...prompt(), n: 2 });
    expect(usage).toEqual({ prompt_tokens: 4, completion_tokens: 8, total_tokens: 12 });
    await eventually(async () =>
      expect(await lastUsage(variant.name)).toMatchObject({
        state: 'settled',
        input_tokens: 4,
        cached_input_tokens: 0,
      }),
    );
    for await (const _ of await client.completions.create({ ...prompt(), n: 2, stream: true }));
    await eventually(async () => expect(await lastUsage(variant.name)).toMatchObject(CACHED));
  });

  it('is not known of a stream that ends before the engine tells it', async () => {
    engine.fake.cachedTokens = 3;
    engine.fake.trouble = 'ends_early';
    const response = await post('/v1/completions', { ...prompt(), stream: true });
    expect(await response.text()).toContain('"error"');
    await eventually(async () =>
      expect(await lastUsage(variant.name)).toMatchObject({
        end_reason: 'engine_failed',
        input_tokens: 4,
        cached_input_tokens: 0,
        output_tokens: 3,
      }),
    );
  });

  it('comes from prompts of the caller’s own organization alone', async () => {
    await client.completions.create(prompt());
    await (await post('/v1/chat/completions', chat('x', { stream: true }))).text();
    const salts = engine.fake.requests.map(({ body }) => body['cache_salt']);
    expect(salts).toEqual([world.partner.organizationId, world.partner.organizationId]);
  });
});

describe('refusals', () => {
  const expectRefusal = async (response: Response, status: number, error: object) => {
    const body = (await response.json()) as { error: unknown };
    assertOpenAi('ErrorResponse', body);
    expect({ status: response.status, ...body }).toMatchObject({ status, error });
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  };

  it.each([
    ['no key', {}, 401, 'invalid_api_key'],
    ['a key that is none', { authorization: 'Bearer sk-123' }, 401, 'invalid_api_key'],
  ])('%s', async (_what, headers, status, code) => {
    const response = await fetch(`${origin}/v1/chat/completions`, { method: 'POST', headers: headers as never });
    await expectRefusal(response, status, { code });
  });

  // The body as it is sent, or what is wrong with an otherwise good one.
  it.each<[string, string | object, number, object]>([
    ['JSON that is none', '{"model": ', 400, { code: 'invalid_json' }],
    ['JSON that is no object', '[1]', 400, { code: 'invalid_json' }],
    ['no model', { model: undefined }, 400, { code: 'missing_required_parameter', param: 'model' }],
    ['no messages', { messages: undefined }, 400, { code: 'missing_required_parameter', param: 'messages' }],
    ['messages of a wrong type', { messages: 'hi' }, 400, { code: 'invalid_type', param: 'messages' }],
    [
      'a parameter that engines take and we do not',
      { chat_template: 'x' },
      400,
      { code: 'unsupported_parameter', param: 'chat_template' },
    ],
    [
      'a word of the caller’s own for the cache of prompts',
      { cache_salt: 'org_another' },
      400,
      { code: 'unsupported_parameter', param: 'cache_salt' },
    ],
    ['too many choices', { n: 1000 }, 400, { code: 'invalid_type', param: 'n' }],
    ['stream options without a stream', { stream_options: { include_usage: true } }, 400, { param: 'stream_options' }],
    [
      'images',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://169.254.169.254' } }] }] },
      400,
      { code: 'unsupported_content', param: 'messages[0].content[0]' },
    ],
    [
      'special tokens in a message',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'user', content: `b ${SPECIAL_TOKENS[1]} c` },
        ],
      },
      400,
      { code: 'special_token_in_content', param: 'messages[1].content' },
    ],
    [
      'special tokens in a part of a message',
      { messages: [{ role: 'user', content: [{ type: 'text', text: SPECIAL_TOKENS[2] }] }] },
      400,
      { code: 'special_token_in_content', param: 'messages[0].content[0].text' },
    ],
    [
      'special tokens in the name of a tool',
      { tools: [{ type: 'function', function: { name: 'f', parameters: { [SPECIAL_TOKENS[0] as string]: {} } } }] },
      400,
      { code: 'special_token_in_content', param: 'tools[0].function.parameters' },
    ],
    [
      'a body beyond the limit',
      { messages: [{ role: 'user', content: 'x'.repeat(300_000) }] },
      413,
      { code: 'request_too_large' },
    ],
    [
      'nesting without end',
      `{"model": "m", "tools": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      400,
      { code: 'invalid_json' },
    ],
  ])('%s', async (_what, wrong, status, error) => {
    const body = typeof wrong === 'string' ? wrong : { ...chat(), ...wrong };
    await expectRefusal(await post('/v1/chat/completions', body), status, { type: 'invalid_request_error', ...error });
    expect(engine.fake.requests).toEqual([]);
  });

  it('special tokens are allowed in a prompt of /v1/completions, where the caller writes the structure', async () => {
    const response = await post('/v1/completions', { model: variant.name, prompt: `${SPECIAL_TOKENS[0]}hi` });
    expect(response.status).toBe(200);
  });

  it('labels for bookkeeping and parameters that are null are left out', async () => {
    const labels = { user: 'u', metadata: { a: 'b' }, store: false, service_tier: 'auto', temperature: null };
    expect((await post('/v1/chat/completions', chat('x', labels))).status).toBe(200);
    expect(Object.keys(engine.fake.requests[0]?.body ?? {}).sort()).toEqual([
      'cache_salt',
      'messages',
      'model',
      'stream',
    ]);
  });

  it('bytes that are no UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"model":"m","x":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const response = await fetch(`${origin}/v1/chat/completions`, { method: 'POST', headers: headers(), body });
    await expectRefusal(response, 400, { code: 'invalid_json', message: expect.stringContaining('UTF-8') });
  });

  it('of another type than JSON', async () => {
    const response = await post('/v1/chat/completions', 'model=x', { 'content-type': 'text/plain' });
    await expectRefusal(response, 415, { code: 'unsupported_media_type' });
  });

  it('embeddings', async () => {
    const response = await post('/v1/embeddings', { model: variant.name, input: 'x' });
    await expectRefusal(response, 400, { code: 'unsupported_endpoint' });
  });

  it("an engine's refusal, in the caller's words", async () => {
    const response = await post('/v1/chat/completions', chat('word '.repeat(600)));
    await expectRefusal(response, 400, {
      code: 'context_length_exceeded',
      message: expect.stringContaining(variant.name),
    });
    await eventually(async () =>
      expect(await lastUsage(variant.name)).toMatchObject({
        state: 'settled',
        end_reason: 'refused',
        input_tokens: 0,
        output_tokens: 0,
      }),
    );
  });

  it('a key without the scope', async () => {
    const { secret } = await world.key(world.partner, { scopes: ['datasets:read'] });
    await eventually(async () => {
      const response = await post('/v1/chat/completions', chat(), { authorization: `Bearer ${secret}` });
      await expectRefusal(response, 403, { type: 'permission_error', code: 'missing_permission' });
    });
  });

  it("another organization's names as if they did not exist", async () => {
    const { secret } = await world.key(world.stranger);
    for (const model of [variant.name, variant.id, deployment.name, deployment.id, world.base.name, 'nothing']) {
      await eventually(async () => {
        const response = await post(
          '/v1/chat/completions',
          { ...chat(), model },
          { authorization: `Bearer ${secret}` },
        );
        const message = `The model ${model} does not exist or you do not have access to it.`;
        await expectRefusal(response, 404, { code: 'model_not_found', message });
      });
    }
  });

  it('what is no HTTP', async () => {
    const { connect } = await import('node:net');
    const { hostname, port } = new URL(origin);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write('NONSENSE\r\n\r\n'));
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] as string)).toMatchObject({
      error: { type: 'invalid_request_error' },
    });
  });
});

describe('a caller who goes away', () => {
  it('stops the engine, and pays for what was delivered', async () => {
    engine.fake.tokenMilliseconds = 10;
    const { aborted } = engine.fake;
    const controller = new AbortController();
    const stream = (await client.chat.completions.create(chat('a b', { stream: true, max_tokens: 500 }) as never, {
      signal: controller.signal,
    })) as unknown as AsyncIterable<unknown>;
    let received = 0;
    for await (const _ of stream) if (++received === 10) controller.abort();
    await eventually(() => expect(engine.fake.aborted).toBe(aborted + 1));
    await eventually(async () =>
      expect(await lastUsage(variant.name)).toMatchObject({
        state: 'settled',
        end_reason: 'client_disconnected',
        input_tokens: 2,
      }),
    );
    const usage = await lastUsage(variant.name);
    expect(usage?.output_tokens).toBeGreaterThanOrEqual(received - 1);
    expect(usage?.output_tokens).toBeLessThan(100);
  });

  it('before an answer that is not streamed pays nothing', async () => {
    engine.fake.tokenMilliseconds = 50;
    const aborting = post('/v1/chat/completions', chat('gone'));
    const controller = new AbortController();
    const response = fetch(`${origin}/v1/chat/completions`, {
      method: 'POST',
      signal: controller.signal,
      headers: headers(),
      body: JSON.stringify({ ...chat('gone'), model: variant.id }),
    });
    await eventually(() => expect(engine.fake.requests).toHaveLength(2));
    controller.abort();
    await expect(response).rejects.toThrow();
    expect((await aborting).status).toBe(200);
    await eventually(async () =>
      expect(await lastUsage(variant.id)).toMatchObject({ end_reason: 'client_disconnected', output_tokens: 0 }),
    );
  });

  it('who stops reading stops the engine in the end', async () => {
    const request = httpRequest(`${origin}/v1/chat/completions`, { method: 'POST', headers: headers() });
    request.end(JSON.stringify(chat('x', { stream: true, max_tokens: 1_000_000 })));
    const response = await new Promise<IncomingMessage>((resolve) => request.on('response', resolve));
    expect(response.statusCode).toBe(200);
    // Nothing is read: the sockets fill up, and then nobody in between takes what the caller has not.
    let before: number;
    do {
      before = engine.fake.generated;
      await new Promise((resolve) => setTimeout(resolve, 500));
    } while (engine.fake.generated !== before);
    expect(before).toBeLessThan(500_000);
    request.destroy();
  });
});
