import { DomainError } from '#libs/kernel';

/** The one shape of an error that OpenAI clients read. */
export interface OpenAiErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

export interface OpenAiFailure {
  status: number;
  headers: Record<string, string>;
  body: OpenAiErrorBody;
}

const TYPE_BY_STATUS: Record<number, string> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'invalid_request_error',
  429: 'rate_limit_error',
};

/** Clients repeat a call after 408, 409, 429 and 5xx unless told not to: a conflict that repeating can't mend says so. */
export function openAiFailure(error: DomainError): OpenAiFailure {
  const { status, code, message, path, details, retryable } = error;
  const headers: Record<string, string> = {};
  if (status === 409 && !retryable) headers['x-should-retry'] = 'false';
  if (typeof details.retryAfterSeconds === 'number')
    headers['retry-after'] = String(Math.ceil(details.retryAfterSeconds));
  const type = TYPE_BY_STATUS[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  return {
    status,
    headers,
    body: { error: { message, type, param: path.length ? paramOf(path) : null, code: code.toLowerCase() } },
  };
}

/** `messages[0].content` from `['messages', 0, 'content']`. */
export function paramOf(path: ReadonlyArray<string | number>): string {
  return path
    .map((part, position) => (typeof part === 'number' ? `[${part}]` : position === 0 ? part : `.${part}`))
    .join('');
}

export const internalFailure: OpenAiFailure = {
  status: 500,
  headers: {},
  body: {
    error: {
      message: 'Something failed on our side; it is logged under the request id.',
      type: 'server_error',
      param: null,
      code: 'internal',
    },
  },
};
