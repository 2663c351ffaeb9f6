import type { CombinedError } from 'urql';

/** Why something was not done: a refusal of the api, a surprise there, or no answer at all. Told to people as it is. */
export interface Failure {
  /** Stable; see docs/generated/errors.md. `UNREACHABLE` and `NO_ANSWER` are the portal's own. */
  code: string;
  /** What happened and what to do. */
  message: string;
  /** The field of the input that is wrong, or the field of the answer that is missing. */
  path: readonly string[];
  requestId?: string;
  retryable: boolean;
}

export interface UserError {
  code: string;
  message: string;
  path: readonly string[];
}

const UNREACHABLE: Failure = {
  code: 'UNREACHABLE',
  message: 'The platform does not answer. Check your connection, then try again.',
  path: [],
  retryable: true,
};

/** Of an answer's errors, one or more; never empty. */
export function failuresOf(error: CombinedError): Failure[] {
  if (error.networkError) return [networkFailure(error)];
  const failures = error.graphQLErrors.map(({ message, path, extensions }) => ({
    code: text(extensions?.['code']) ?? 'INTERNAL',
    message,
    path: inputPath(extensions) ?? (path ?? []).map(String),
    requestId: text(extensions?.['requestId']),
    retryable: extensions?.['retryable'] === true || extensions?.['code'] === 'INTERNAL',
  }));
  return failures.length > 0 ? failures : [UNREACHABLE];
}

export function failureOf(error: CombinedError): Failure {
  return failuresOf(error)[0] ?? UNREACHABLE;
}

export function refusals(errors: readonly UserError[]): Failure[] {
  return errors.map(({ code, message, path }) => ({ code, message, path, retryable: false }));
}

/** For what is not GraphQL, such as sign-in: the shape of the api's REST errors. */
export async function failureOfResponse(response: Response): Promise<Failure> {
  const body = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string; param?: string };
  } | null;
  const code = body?.error?.code?.toUpperCase() ?? 'NO_ANSWER';
  return {
    code,
    message: body?.error?.message ?? `The platform answered ${response.status} without saying why. Try again.`,
    path: body?.error?.param ? [body.error.param] : [],
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryable: response.status >= 500 || response.status === 429,
  };
}

export function unreachable(): Failure {
  return UNREACHABLE;
}

export const isForbidden = ({ code }: Failure): boolean => code === 'FORBIDDEN';
export const isSignedOut = ({ code }: Failure): boolean => code === 'UNAUTHENTICATED';
export const needsPassword = ({ code }: Failure): boolean => code === 'PASSWORD_CHANGE_REQUIRED';
export const isNotFound = ({ code }: Failure): boolean => code.endsWith('_NOT_FOUND');

function networkFailure(error: CombinedError): Failure {
  const status = (error.response as Response | undefined)?.status;
  if (status === undefined) return UNREACHABLE;
  return {
    code: 'NO_ANSWER',
    message: `The platform answered ${status} without saying why. Try again.`,
    path: [],
    requestId: (error.response as Response).headers.get('x-request-id') ?? undefined,
    retryable: true,
  };
}

function inputPath(extensions: Record<string, unknown> | undefined): string[] | undefined {
  const path = extensions?.['inputPath'];
  return Array.isArray(path) && path.length > 0 ? path.map(String) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
