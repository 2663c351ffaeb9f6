import { DomainError } from '#libs/kernel';
import type { InferenceRequest } from '../admission/request-body.js';
import { GATEWAY_ERRORS } from '../gateway.errors.js';
import type { Route } from '../snapshot/snapshot.js';
import type { ExchangeEnd } from './engine-exchange.js';

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Whether another try may succeed: the engine is gone, ill, or has just put the adapter away. Nothing has left for the caller yet. */
export function mayBeRetried(end: ExchangeEnd): boolean {
  if (end.outcome === 'failed') return !isTimeout(end.error) && !(end.error instanceof DomainError);
  return end.outcome === 'refused' && (end.status >= 500 || end.status === 404 || end.status === 429);
}

/** What the caller is told of an engine's refusal or failure; they see the name they asked for, never the engine's. */
export function errorOf(
  end: Extract<ExchangeEnd, { outcome: 'refused' | 'failed' }>,
  { checkpointId }: Route,
  { endpoint, model }: InferenceRequest,
): DomainError {
  if (end.outcome === 'failed' && end.error instanceof DomainError) return end.error;
  if (end.outcome === 'failed')
    return isTimeout(end.error) ? GATEWAY_ERRORS.ENGINE_TIMEOUT() : GATEWAY_ERRORS.ENGINE_UNAVAILABLE();
  if (mayBeRetried(end)) return GATEWAY_ERRORS.ENGINE_UNAVAILABLE();
  const { message, param } = refusal(end.body);
  const reason = message.replaceAll(checkpointId, model);
  if (/maximum context length|context window|longer than the maximum model length/i.test(reason)) {
    return GATEWAY_ERRORS.CONTEXT_LENGTH_EXCEEDED({ reason }, { path: [endpoint === 'chat' ? 'messages' : 'prompt'] });
  }
  return GATEWAY_ERRORS.REQUEST_REFUSED_BY_ENGINE({ reason }, { path: param ? [param] : [] });
}

export function isTimeout(error: Error): boolean {
  return TIMEOUTS.has((error as { code?: string }).code ?? '');
}

/** OpenAI's shape, vLLM's older one, or FastAPI's. */
function refusal(body: string): { message: string; param?: string } {
  try {
    const { error, message, detail } = JSON.parse(body) as {
      error?: { message?: unknown; param?: unknown };
      message?: unknown;
      detail?: unknown;
    };
    const text = error?.message ?? message ?? detail;
    if (text !== undefined) {
      const param = typeof error?.param === 'string' ? error.param : undefined;
      return { message: typeof text === 'string' ? text : JSON.stringify(text), param };
    }
  } catch {
    // Not JSON: told in general words below, since it was not written for callers.
  }
  return { message: 'The engine refused the request.' };
}
