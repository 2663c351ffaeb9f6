import { setTimeout as sleep } from 'node:timers/promises';
import { RefusedError, UnreachableError } from './errors.js';

/** Answers of a proxy whose platform is starting or restarting; what was asked did not happen, or is safe to repeat. */
const PASSING_STATUSES = new Set([502, 503, 504]);
const LONGEST_WAIT_SECONDS = 5;

export interface RetryOptions {
  /** How often to try in all. Only what is safe to repeat may be tried more than once. */
  tries: number;
}

/** Sends a request, again if nothing is there to answer it. */
export async function sendRequest(url: string, request: RequestInit, { tries }: RetryOptions): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await fetch(url, request).catch((error: unknown) => {
      if (request.signal?.aborted) throw error;
      return new UnreachableError(`${url} can't be reached: is the platform running?`, { cause: error });
    });
    const passing = outcome instanceof Error || PASSING_STATUSES.has(outcome.status);
    if (!passing || attempt >= tries) {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }
    if (!(outcome instanceof Error)) await outcome.body?.cancel();
    const told = outcome instanceof Error ? Number.NaN : Number(outcome.headers.get('retry-after') ?? Number.NaN);
    const seconds = Number.isFinite(told) ? Math.min(told, LONGEST_WAIT_SECONDS) : Math.min(0.2 * 2 ** attempt, 2);
    await sleep(seconds * 1000);
  }
}

/** What an answer says that is not as wanted: REST endpoints and the gateway speak in OpenAI's shape. */
export async function refusalOf(response: Response): Promise<RefusedError | UnreachableError> {
  const requestId = response.headers.get('x-request-id');
  const text = await response.text();
  const error = errorIn(text);
  if (error) {
    const code = (error.code ?? error.type ?? 'UNKNOWN').toUpperCase();
    if (response.status < 500)
      return new RefusedError(code, error.message, error.param ? [error.param] : [], requestId);
    return new UnreachableError(`${error.message} (${code})`, { requestId });
  }
  return new UnreachableError(`${response.url} answered ${response.status}: ${text.slice(0, 200)}`, { requestId });
}

function errorIn(
  text: string,
): { message: string; code?: string | null; type?: string; param?: string | null } | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    return typeof error?.message === 'string' ? (error as { message: string }) : undefined;
  } catch {
    return undefined;
  }
}
