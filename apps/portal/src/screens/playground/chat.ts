import { type Failure, failureOfResponse, unreachable } from '../../api';
import { readEvents } from './sse';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatRequest {
  model: string;
  messages: readonly ChatMessage[];
  temperature: number;
  maxTokens: number;
}

export interface ChatUsage {
  promptTokens: number;
  completionTokens: number;
}

export interface ChatEvents {
  onText: (piece: string) => void;
  onUsage: (usage: ChatUsage) => void;
}

/** What a refusal says of itself. */
export class ChatError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** A key is known to the gateway within a second. */
const KEY_TRIES = 6;
const KEY_WAIT_MILLISECONDS = 350;

/** The gateway's own interface: what any program with a key would send. */
async function send(path: string, secret: string, init: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const headers = { ...init.headers, authorization: `Bearer ${secret}` };
    const response = await fetch(path, { ...init, headers, credentials: 'omit' }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new ChatError(unreachable());
    });
    if (response.ok) return response;
    if (response.status !== 401 || attempt >= KEY_TRIES) throw new ChatError(await failureOfResponse(response));
    await new Promise((resolve) => setTimeout(resolve, KEY_WAIT_MILLISECONDS));
  }
}

export async function listModels(secret: string, signal: AbortSignal): Promise<string[]> {
  const response = await send('/v1/models', secret, { signal });
  const { data } = (await response.json()) as { data: Array<{ id: string }> };
  return data.map(({ id }) => id);
}

interface Chunk {
  choices?: Array<{ delta?: { content?: string | null } }>;
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
  error?: { code?: string | null; message: string };
}

/** Streams an answer piece by piece, to its end. */
export async function chat(
  secret: string,
  { model, messages, temperature, maxTokens }: ChatRequest,
  { onText, onUsage }: ChatEvents,
  signal: AbortSignal,
): Promise<void> {
  const response = await send('/v1/chat/completions', secret, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages,
      temperature,
      max_tokens: maxTokens,
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  if (!response.body) throw new ChatError(unreachable());
  for await (const data of readEvents(response.body)) {
    if (data === '[DONE]') return;
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error) throw new ChatError(failureIn(chunk.error));
    const piece = chunk.choices?.[0]?.delta?.content;
    if (piece) onText(piece);
    if (chunk.usage) {
      onUsage({ promptTokens: chunk.usage.prompt_tokens, completionTokens: chunk.usage.completion_tokens });
    }
  }
}

function failureIn({ code, message }: NonNullable<Chunk['error']>): Failure {
  return { code: code?.toUpperCase() ?? 'STREAM_BROKE', message, path: [], retryable: true };
}
