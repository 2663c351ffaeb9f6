import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerStream, type AnswerStreamOptions, parseCounts } from './answer-stream.js';

const ENGINE = 'ckpt_01hzzzzzzzzzzzzzzzzzzzzzzz';
const ASKED = 'ft:forge-1:acme:support:abc123';

const OPTIONS: AnswerStreamOptions = {
  engineModel: ENGINE,
  askedModel: ASKED,
  includeUsage: false,
  continuousUsage: false,
  choicesPerPrompt: 1,
};

interface Event {
  model: string;
  choices: Array<{ index: number; delta: { content: string } }>;
  usage?: unknown;
}

const usageOf = (prompt: number, completion: number, details: object | null = { cached_tokens: 0 }) => ({
  prompt_tokens: prompt,
  total_tokens: prompt + completion,
  completion_tokens: completion,
  prompt_tokens_details: details,
});
const eventOf = (content: string, usage: unknown, rest: object = {}, index = 0) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: ENGINE,
  choices: [{ index, delta: { content }, logprobs: null, finish_reason: null }],
  ...(usage === undefined ? {} : { usage }),
  ...rest,
});
const lastOf = (usage: unknown) => ({ ...eventOf('', usage), choices: [] });
const written = (events: ReadonlyArray<object | string>) =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');

/** What comes out when the bytes arrive in pieces that end at the given places. */
function relay(stream: AnswerStream, text: string, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  const pieces: Buffer[] = [];
  for (const end of [...ends, bytes.length]) {
    pieces.push(stream.push(bytes.subarray(from, end)));
    from = end;
  }
  return Buffer.concat(pieces).toString();
}

function read(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '' && event !== 'data: [DONE]')
    .map((event) => JSON.parse(event.slice('data: '.length)));
}

/** Text that tries to look like structure. */
const nasty = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    `","model":"${ENGINE}"`,
    ',"usage":{"prompt_tokens":9,"completion_tokens":9}}',
    '},{"index":1,',
    ',"choices":[]',
    '\n\ndata: [DONE]\n\n',
    '{"error": "x"}',
    '🦀 ünïcode \u2028 "\\',
  ),
);

describe('AnswerStream', () => {
  it('changes the name and the usage and nothing else, however the bytes are cut', () => {
    const shape = fc.record({
      contents: fc.array(nasty, { minLength: 1, maxLength: 8 }),
      // As vLLM with counts in every event, as engines without them, and with fields after the usage.
      counted: fc.boolean(),
      rest: fc.constantFrom<object>({}, { system_fingerprint: 'fp' }, { metrics: { a: [1, { model: ENGINE }] } }),
      includeUsage: fc.boolean(),
      continuousUsage: fc.boolean(),
      cuts: fc.array(fc.nat(), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(shape, ({ contents, counted, rest, includeUsage, continuousUsage, cuts }) => {
        const events = contents.map((content, position) =>
          eventOf(content, counted ? usageOf(7, position + 1) : undefined, rest),
        );
        const total = usageOf(7, contents.length);
        const stream = new AnswerStream({ ...OPTIONS, includeUsage, continuousUsage });
        const out = relay(stream, written([...events, lastOf(total), '[DONE]']), cuts);
        const shown = (event: { usage?: unknown }) => {
          if (continuousUsage) return event.usage === undefined ? {} : { usage: event.usage };
          return includeUsage ? { usage: null } : {};
        };
        const expected: unknown[] = events.map(({ usage, ...event }) => ({
          ...event,
          model: ASKED,
          ...shown({ usage }),
        }));
        if (includeUsage) expected.push({ ...lastOf(total), model: ASKED });
        expect(read(out)).toEqual(expected);
        expect(out.endsWith('data: [DONE]\n\n')).toBe(true);
        expect(stream).toMatchObject({
          isDone: true,
          engineError: null,
          tokens: { inputTokens: 7, cachedInputTokens: 0, outputTokens: contents.length },
        });
      }),
      { numRuns: 500 },
    );
  });

  it('knows at every moment what it has let through', () => {
    const stream = new AnswerStream(OPTIONS);
    expect(stream.tokens).toEqual({ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 });
    relay(stream, written([eventOf('a', usageOf(5, 1)), eventOf('b', usageOf(5, 3))]));
    expect(stream.tokens).toMatchObject({ inputTokens: 5, outputTokens: 3 });
    relay(stream, written([eventOf('c', usageOf(5, 4))]).slice(0, -1));
    expect(stream.tokens).toMatchObject({ inputTokens: 5, outputTokens: 3 });
  });

  it('adds up choices and prompts until the total is told', () => {
    // Two prompts with two choices each: choices 0 and 1 share a prompt of 5 tokens, 2 and 3 one of 8.
    const stream = new AnswerStream({ ...OPTIONS, choicesPerPrompt: 2 });
    const events = [
      [0, usageOf(5, 1)],
      [1, usageOf(5, 2)],
      [2, usageOf(8, 1)],
      [3, usageOf(8, 1)],
      [0, usageOf(5, 4)],
    ] as const;
    relay(stream, written(events.map(([index, usage]) => eventOf('x', usage, {}, index))));
    expect(stream.tokens).toMatchObject({ inputTokens: 13, outputTokens: 8 });
    relay(stream, written([lastOf(usageOf(13, 9))]));
    expect(stream.tokens).toMatchObject({ inputTokens: 13, outputTokens: 9 });
  });

  it('counts an event with content as a token at least when the engine counts nothing', () => {
    const stream = new AnswerStream(OPTIONS);
    relay(stream, written([eventOf('', undefined), eventOf('a', undefined), eventOf('b', undefined)]));
    expect(stream.tokens).toEqual({ inputTokens: 0, cachedInputTokens: 0, outputTokens: 2 });
  });

  it('knows what was cached when the total is told, and of a stream cut before that nothing', () => {
    const stream = new AnswerStream(OPTIONS);
    // As vLLM does it: events before the last have no details.
    relay(stream, written([eventOf('a', usageOf(300, 1, null)), eventOf('b', usageOf(300, 2, null))]));
    expect(stream.tokens).toEqual({ inputTokens: 300, cachedInputTokens: 0, outputTokens: 2 });
    const total = usageOf(300, 2, { cached_tokens: 256, created_cache_tokens: 0 });
    relay(stream, written([lastOf(total), '[DONE]']));
    expect(stream.tokens).toEqual({ inputTokens: 300, cachedInputTokens: 256, outputTokens: 2 });
  });

  it('adds up what was cached of prompts, once for all choices of one, where an engine tells it under way', () => {
    const stream = new AnswerStream({ ...OPTIONS, choicesPerPrompt: 2 });
    const cached = [256, 256, 128, 128];
    const events = cached.map((cached_tokens, index) => eventOf('x', usageOf(300, 1, { cached_tokens }), {}, index));
    relay(stream, written(events));
    expect(stream.tokens).toEqual({ inputTokens: 600, cachedInputTokens: 384, outputTokens: 4 });
    relay(stream, written([lastOf(usageOf(600, 4, { cached_tokens: 256 }))]));
    expect(stream.tokens).toEqual({ inputTokens: 600, cachedInputTokens: 256, outputTokens: 4 });
  });

  it('shows the caller what was cached as the engine tells it', () => {
    const total = usageOf(300, 1, { cached_tokens: 256 });
    const stream = new AnswerStream({ ...OPTIONS, includeUsage: true });
    const out = relay(stream, written([eventOf('a', usageOf(300, 1, null)), lastOf(total), '[DONE]']));
    expect(read(out).map(({ usage }) => usage)).toEqual([null, total]);
  });

  it('keeps back what an engine says of its failure, and all after it', () => {
    const stream = new AnswerStream(OPTIONS);
    const out = relay(
      stream,
      written([
        eventOf('a', usageOf(5, 1)),
        { error: { message: 'CUDA at 0x7f' } },
        eventOf('b', usageOf(5, 2)),
        '[DONE]',
      ]),
    );
    expect(read(out)).toHaveLength(1);
    expect(stream.engineError).toContain('CUDA');
    expect(stream.tokens.outputTokens).toBe(1);
    expect(stream.isDone).toBe(false);
  });

  it('lets comments through, and refuses an event without end', () => {
    const stream = new AnswerStream(OPTIONS);
    expect(relay(stream, ': ping\n\n')).toBe(': ping\n\n');
    expect(() => stream.push(Buffer.alloc(17 * 1024 * 1024, 'x'))).toThrow(/without end/);
  });
});

describe('what an engine says it counted', () => {
  const cachedOf = (details: unknown) =>
    parseCounts(JSON.stringify({ prompt_tokens: 300, completion_tokens: 1, prompt_tokens_details: details }));

  it.each<[string, unknown, number]>([
    ['of which a part', { cached_tokens: 256 }, 256],
    ['of which all', { cached_tokens: 300 }, 300],
    ['without details', undefined, 0],
    ['with details that are null', null, 0],
    ['with details that are none', 'many', 0],
    ['with details of something else', { audio_tokens: 7 }, 0],
    ['of which it does not say how many', { cached_tokens: null }, 0],
    ['of which less than nothing', { cached_tokens: -1 }, 0],
    ['of which a part of a token', { cached_tokens: 1.5 }, 0],
    ['of which more than there were', { cached_tokens: 301 }, 300],
  ])('are tokens of a prompt, %s cached', (_what, details, cachedInputTokens) => {
    expect(cachedOf(details)).toEqual({ inputTokens: 300, cachedInputTokens, outputTokens: 1 });
  });

  it('is nothing where it counted nothing', () => {
    expect(parseCounts('null')).toBeNull();
    expect(parseCounts('{"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":1}}')).toBeUndefined();
  });
});
