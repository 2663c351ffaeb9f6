import type { Dispatcher } from 'undici';
import type { TokenCounts, UsageTicket } from '#libs/usage';
import type { Endpoint } from '../admission/request-body.js';
import type { Target } from '../snapshot/snapshot.js';
import { AnswerStream, parseCounts } from './answer-stream.js';
import type { ClientResponse } from './client-response.js';

const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

const PATHS: Record<Endpoint, string> = { chat: '/v1/chat/completions', completions: '/v1/completions' };

export interface ExchangeRequest {
  dispatcher: Dispatcher;
  engine: Pick<Target, 'origin' | 'basePath'>;
  /** What engines ask of whoever calls them. */
  engineApiKey: string | undefined;
  requestId: string;
  endpoint: Endpoint;
  /** The name the engine knows, and the one the caller asked for. */
  engineModel: string;
  askedModel: string;
  stream: boolean;
  includeUsage: boolean;
  continuousUsage: boolean;
  /** Whose prompts the engine may find in its cache: those of calls with the same word. */
  cacheSalt: string;
  parameters: Record<string, unknown>;
  ticket: UsageTicket;
  client: ClientResponse;
  /** Sent with the first byte. */
  headers: Record<string, string>;
}

/** How it ended. Nothing has left for the caller after `refused` and `failed`; after the others the answer is complete or broken off. */
export type ExchangeEnd =
  | { outcome: 'answered'; tokens: TokenCounts }
  | { outcome: 'refused'; status: number; body: string }
  | { outcome: 'failed'; error: Error }
  | { outcome: 'broken'; error: Error; tokens: TokenCounts }
  | { outcome: 'client_gone'; tokens: TokenCounts };

/** One call of one engine, its answer relayed as it comes. */
export function exchange(request: ExchangeRequest): Promise<ExchangeEnd> {
  const { dispatcher, engine, endpoint, parameters, engineModel, stream, cacheSalt } = request;
  const options = stream ? { stream_options: { include_usage: true, continuous_usage_stats: true } } : {};
  const body = JSON.stringify({ ...parameters, model: engineModel, stream, ...options, cache_salt: cacheSalt });
  return new Promise((resolve) => {
    dispatcher.dispatch(
      {
        origin: engine.origin,
        path: engine.basePath + PATHS[endpoint],
        method: 'POST',
        headers: headersFor(request),
        body,
      },
      new ExchangeHandler(request, resolve),
    );
  });
}

function headersFor({ stream, requestId, engineApiKey }: ExchangeRequest): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream' : 'application/json',
    'x-request-id': requestId,
  };
  if (engineApiKey) headers['authorization'] = `Bearer ${engineApiKey}`;
  return headers;
}

/** Follows undici's dispatch: no stream objects in between, and the engine is read as fast as the caller reads. */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  private readonly answer: AnswerStream;
  private readonly choicesPerPrompt: number;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private status = 0;
  private ended = false;
  private controller?: Dispatcher.DispatchController;
  private readonly onClientGone = () => this.controller?.abort(this.request.client.signal.reason);

  constructor(
    private readonly request: ExchangeRequest,
    private readonly resolve: (end: ExchangeEnd) => void,
  ) {
    this.choicesPerPrompt = Number(request.parameters.n ?? 1);
    this.answer = new AnswerStream({ ...request, choicesPerPrompt: this.choicesPerPrompt });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    const { signal } = this.request.client;
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', this.onClientGone, { once: true });
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
    if (status !== 200 || !this.request.stream) return;
    // Not one byte leaves before the call is on record.
    controller.pause();
    this.request.ticket.admitted.then(
      () => {
        this.beginStream();
        controller.resume();
      },
      (error: Error) => controller.abort(error),
    );
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.status === 200 && this.request.stream) this.relay(controller, chunk);
    else this.collect(controller, chunk);
  }

  onResponseEnd(): void {
    if (this.ended) return;
    const { client, stream } = this.request;
    if (this.status !== 200) {
      this.end({ outcome: 'refused', status: this.status, body: Buffer.concat(this.chunks).toString() });
    } else if (!stream) {
      void this.answerWhole();
    } else if (this.answer.isDone) {
      client.end();
      this.end({ outcome: 'answered', tokens: this.answer.tokens });
    } else {
      this.breakOff(new Error(this.answer.engineError ?? 'the engine ended its answer early'));
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.ended) this.breakOff(error);
  }

  private beginStream(): void {
    const { client, headers } = this.request;
    if (client.signal.aborted) return;
    client.begin(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  }

  private relay(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { client, ticket } = this.request;
    if (client.signal.aborted) return;
    const bytes = this.answer.push(chunk);
    if (this.answer.engineError !== null) {
      controller.abort(new Error(this.answer.engineError));
      return;
    }
    if (bytes.length === 0) return;
    if (!client.write(bytes, () => controller.resume())) controller.pause();
    // After the write: what is counted has been delivered.
    ticket.count(this.answer.tokens);
  }

  private collect(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > LARGEST_ANSWER_BYTES) controller.abort(new Error('the engine sent an answer without end'));
    else this.chunks.push(chunk);
  }

  private async answerWhole(): Promise<void> {
    const { client, ticket, headers, askedModel } = this.request;
    try {
      const answer = JSON.parse(Buffer.concat(this.chunks).toString()) as WholeAnswer;
      if (answer.usage) tidyDetails(answer.usage, this.choicesPerPrompt);
      const tokens = parseCounts(JSON.stringify(answer.usage ?? null));
      if (!tokens) throw new Error('the engine did not say what it used');
      const body = Buffer.from(JSON.stringify({ ...answer, model: askedModel }));
      await ticket.admitted;
      if (client.signal.aborted) return this.breakOff(client.signal.reason);
      client.begin(200, { ...headers, 'content-type': 'application/json', 'content-length': body.length });
      client.end(body);
      this.end({ outcome: 'answered', tokens });
    } catch (error) {
      this.breakOff(error as Error);
    }
  }

  private breakOff(error: Error): void {
    const { client } = this.request;
    const { tokens } = this.answer;
    if (client.signal.aborted) this.end({ outcome: 'client_gone', tokens });
    else if (client.hasBegun) this.end({ outcome: 'broken', error, tokens });
    else this.end({ outcome: 'failed', error });
  }

  private end(end: ExchangeEnd): void {
    this.ended = true;
    this.request.client.signal.removeEventListener('abort', this.onClientGone);
    this.resolve(end);
  }
}

interface WholeAnswer {
  model: string;
  usage?: WholeUsage | null;
}

interface WholeUsage {
  prompt_tokens_details?: unknown;
  completion_tokens_details?: unknown;
}

/**
 * vLLM writes null for details that it does not tell, where OpenAI, and the types of its clients, have none. Of several choices in a whole
 * answer it tells what the last one found in the cache: the prompt itself, which the first one had just put there. What was there before
 * the call is not known, so that none of it counts, for the caller as for the bill. In a stream it tells what the first one found.
 */
function tidyDetails(usage: WholeUsage, choicesPerPrompt: number): void {
  if (usage.prompt_tokens_details === null || choicesPerPrompt > 1) delete usage.prompt_tokens_details;
  if (usage.completion_tokens_details === null) delete usage.completion_tokens_details;
}
