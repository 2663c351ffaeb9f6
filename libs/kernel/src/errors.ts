/** Where in the input an error lies: names of fields and positions in lists, from the outside in. */
export type ErrorPath = ReadonlyArray<string | number>;

/** From where a zod issue lies. */
export function errorPathOf(path: readonly PropertyKey[]): ErrorPath {
  return path.map((key) => (typeof key === 'symbol' ? String(key) : key));
}

export interface DomainErrorOptions {
  path?: ErrorPath;
  status?: number;
  details?: Record<string, unknown>;
  retryable?: boolean;
  cause?: unknown;
}

/** A refusal that was foreseen: a stable code, a message that says what to do, and where in the input it lies. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly path: ErrorPath;
  readonly status: number;
  readonly details: Record<string, unknown>;
  readonly retryable: boolean;

  constructor(
    readonly code: string,
    message: string,
    options: DomainErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.path = options.path ?? [];
    this.status = options.status ?? 400;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the parameters of each message are inferred from its own definition
export type ErrorDefinition = { status: number; retryable?: boolean; message: string | ((parameters: any) => string) };

type Parameters<D extends ErrorDefinition> = D['message'] extends (parameters: infer P) => string ? P : undefined;

export type ErrorTable<T extends Record<string, ErrorDefinition>> = {
  readonly [Code in keyof T]: Parameters<T[Code]> extends undefined
    ? (options?: DomainErrorOptions) => DomainError
    : (parameters: Parameters<T[Code]>, options?: DomainErrorOptions) => DomainError;
};

export interface CatalogedError {
  domain: string;
  code: string;
  status: number;
  message: string;
}

const catalogue = new Map<string, CatalogedError>();

/** All errors defined so far, for the generated catalogue in docs/generated/errors.md. */
export function errorCatalogue(): CatalogedError[] {
  return [...catalogue.values()].sort((a, b) => a.domain.localeCompare(b.domain) || a.code.localeCompare(b.code));
}

/** One table per domain: `const DATASET_ERRORS = defineErrors('datasets', {...}); throw DATASET_ERRORS.FILE_TOO_LARGE({limit})`. */
export function defineErrors<const T extends Record<string, ErrorDefinition>>(domain: string, table: T): ErrorTable<T> {
  const factories: Record<string, unknown> = {};
  for (const [code, definition] of Object.entries(table)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(code)) throw new Error(`error code ${code} of ${domain} is not SCREAMING_SNAKE_CASE`);
    const known = catalogue.get(code);
    if (known && known.domain !== domain)
      throw new Error(`error code ${code} of ${domain} is taken by ${known.domain}`);
    const { message, status, retryable } = definition;
    catalogue.set(code, { domain, code, status, message: typeof message === 'string' ? message : sample(message) });
    factories[code] =
      typeof message === 'string'
        ? (options: DomainErrorOptions = {}) => new DomainError(code, message, { status, retryable, ...options })
        : (parameters: Record<string, unknown>, options: DomainErrorOptions = {}) =>
            new DomainError(code, message(parameters), { status, retryable, details: parameters, ...options });
  }
  return factories as ErrorTable<T>;
}

/** The message with its parameters shown by name, e.g. "at most {limit} bytes". */
function sample(message: (parameters: Record<string, unknown>) => string): string {
  const named = new Proxy({}, { get: (_, key) => placeholder(String(key)) });
  try {
    return message(named);
  } catch {
    return '(depends on the input)';
  }
}

function placeholder(name: string): unknown {
  return new Proxy(() => placeholder(name), {
    get: (_, key) => (key === Symbol.toPrimitive ? () => `{${name}}` : placeholder(name)),
  });
}
