import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A server that answers as vLLM's OpenAI server does on the wire, for tests of what lies in front of an engine.
 *
 * It is not an engine: there is no model, no tokenizer and no scheduler. A "token" is a word, an answer is the model's name
 * counted up, sampling parameters are ignored, and adapters are names in a set; of prompts it keeps nothing, so that what was cached is
 * what a test says. Whether a real engine takes our requests is shown by the serving tests and journeys, on vLLM itself.
 */
export class FakeEngine {
  readonly models: Set<string>;
  /** Between two tokens of a stream. */
  tokenMilliseconds = 0;
  /** Of each prompt, said as vLLM says it: with the whole usage, and not in the events before it. Null: it does not say. */
  cachedTokens: number | null = null;
  /** What is to go wrong with requests from now on. */
  trouble: Trouble = 'none';
  readonly requests: Array<{ path: string; headers: IncomingMessage['headers']; body: EngineRequest }> = [];
  /** Requests whose connection was closed before their answer was through. */
  aborted = 0;
  /** Tokens that were written. */
  generated = 0;
  private readonly server: Server;

  constructor(models: Iterable<string>) {
    this.models = new Set(models);
    this.server = createServer((request, response) => {
      void this.handle(request, response).catch(() => response.destroy());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readJson(request)) as EngineRequest;
    this.requests.push({ path: request.url ?? '', headers: request.headers, body });
    response.on('close', () => {
      if (!response.writableFinished) this.aborted++;
    });
    if (this.trouble === 'reset') return void request.socket.destroy();
    if (this.trouble === 'ill') return fail(response, 500, 'EngineDeadError');
    if (this.trouble === 'silent') return;
    if (!this.models.has(body.model)) return fail(response, 404, `The model \`${body.model}\` does not exist.`);
    const prompt = promptOf(body);
    if (prompt.length > 500)
      return fail(
        response,
        400,
        `This model's maximum context length is 500 tokens, but ${body.model} got ${prompt.length}.`,
      );
    const answer = new Answer(body, request.headers['x-request-id'] as string, {
      promptTokens: prompt.length,
      cachedTokens: this.cachedTokens,
    });
    if (body.stream) await this.stream(response, answer);
    else {
      await wait(this.tokenMilliseconds * answer.tokens.length);
      this.generated += answer.tokens.length;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer.whole()));
    }
  }

  private async stream(response: ServerResponse, answer: Answer): Promise<void> {
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    const send = async (event: object | string) => {
      if (response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)) return;
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    };
    if (answer.isChat) await send(answer.event(0, { delta: { role: 'assistant', content: '' } }));
    for (let position = 0; position < answer.tokens.length; position++) {
      if (this.tokenMilliseconds > 0) await wait(this.tokenMilliseconds);
      if (response.destroyed) return;
      if (position === 3 && this.trouble === 'breaks_midway') return void response.destroy();
      if (position === 3 && this.trouble === 'error_event')
        return void send({ error: { message: 'it broke', type: 'InternalServerError', code: 500 } });
      if (position === 3 && this.trouble === 'ends_early') return void response.end();
      const isLast = position === answer.tokens.length - 1;
      this.generated++;
      await send(answer.event(position + 1, answer.delta(position), isLast));
    }
    if (answer.usageAsked) await send(answer.usageEvent());
    await send('[DONE]');
    response.end();
  }
}

export type Trouble = 'none' | 'reset' | 'ill' | 'silent' | 'breaks_midway' | 'error_event' | 'ends_early';

export interface EngineRequest extends Record<string, unknown> {
  model: string;
  messages?: Array<{ content: unknown }>;
  prompt?: unknown;
  stream?: boolean;
  stream_options?: { include_usage?: boolean; continuous_usage_stats?: boolean };
  max_tokens?: number;
  max_completion_tokens?: number;
}

function promptOf({ messages, prompt }: EngineRequest): string[] {
  const texts = messages ? messages.map(({ content }) => JSON.stringify(content)) : [JSON.stringify(prompt)];
  return texts.join(' ').split(/\s+/);
}

/** What the answer to one request consists of. */
class Answer {
  readonly isChat: boolean;
  readonly tokens: string[];
  private readonly id: string;

  constructor(
    private readonly request: EngineRequest,
    requestId: string,
    private readonly prompt: { promptTokens: number; cachedTokens: number | null },
  ) {
    this.isChat = request.messages !== undefined;
    this.id = `${this.isChat ? 'chatcmpl' : 'cmpl'}-${requestId}`;
    const length = request.max_completion_tokens ?? request.max_tokens ?? 8;
    this.tokens = Array.from({ length }, (_, position) => `${request.model}#${position} `);
  }

  get usageAsked(): boolean {
    return this.request.stream_options?.include_usage === true;
  }

  whole(): object {
    const text = this.tokens.join('');
    const choice = this.isChat ? { message: { role: 'assistant', content: text, refusal: null } } : { text };
    return {
      id: this.id,
      object: this.isChat ? 'chat.completion' : 'text_completion',
      created: 1_700_000_000,
      model: this.request.model,
      choices: [{ index: 0, ...choice, logprobs: null, finish_reason: 'length' }],
      // As vLLM does with what it does not tell, in whole answers alone.
      usage: { prompt_tokens_details: null, completion_tokens_details: null, ...this.wholeUsage() },
    };
  }

  delta(position: number): object {
    const text = this.tokens[position] as string;
    return this.isChat ? { delta: { content: text } } : { text };
  }

  event(delivered: number, delta: object, isLast = false): object {
    return {
      id: this.id,
      object: this.isChat ? 'chat.completion.chunk' : 'text_completion',
      created: 1_700_000_000,
      model: this.request.model,
      choices: [{ index: 0, ...delta, logprobs: null, finish_reason: isLast ? 'length' : null }],
      ...(this.request.stream_options?.continuous_usage_stats ? { usage: this.usage(delivered) } : {}),
      // As vLLM does on the last event with a choice.
      ...(isLast ? { system_fingerprint: 'fake' } : {}),
    };
  }

  usageEvent(): object {
    return { ...this.event(this.tokens.length, {}), choices: [], usage: this.wholeUsage() };
  }

  private wholeUsage(): object {
    const { cachedTokens } = this.prompt;
    const details = cachedTokens === null ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } };
    return { ...this.usage(this.tokens.length), ...details };
  }

  private usage(completionTokens: number): object {
    const { promptTokens } = this.prompt;
    return {
      prompt_tokens: promptTokens,
      total_tokens: promptTokens + completionTokens,
      completion_tokens: completionTokens,
    };
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

function fail(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'BadRequestError', param: null, code: status } }));
}
