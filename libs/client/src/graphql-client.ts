import { randomUUID } from 'node:crypto';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'undici';
import { RefusedError, UnreachableError } from './errors.js';
import { refusalOf, sendRequest } from './http.js';
import { defineMutation, type MutationOperation, type Operation, type UserError } from './operation.js';

export interface ClientOptions {
  /** Such as https://forkpoint.example/graphql. */
  graphqlUrl: string;
  /** An API key, or the cookie and CSRF token of a session. */
  credentials: { apiKey: string } | { cookie: string; csrfToken: string };
  /**
   * How often a call is tried while nothing answers: 3 unless said otherwise. Reads may be repeated, and mutations carry an
   * idempotency key.
   */
  tries?: number;
}

interface Answer<T> {
  data?: T | null;
  errors?: Array<{ message: string; extensions?: { code?: string; inputPath?: string[]; requestId?: string } }>;
}

const USUAL_TRIES = 3;
const SOCKET_RETRIES = 5;

/** GraphQL as any program outside the platform would call it. */
export class GraphqlClient {
  private socket: Client | undefined;

  constructor(private readonly options: ClientOptions) {}

  async query<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    return (await this.execute<T>(query, variables)).data;
  }

  /** A query whose document carries its types. */
  async run<Data, Variables extends object>(
    operation: Operation<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    return (await this.execute<Data>(operation.document, variables)).data;
  }

  /**
   * Runs one mutation field and gives its payload; a user error is thrown. The key makes it safe to repeat: choose one of your own to
   * repeat it across runs of a program.
   */
  async mutate<Payload>(
    field: string,
    input: Record<string, unknown>,
    selection: string,
    { inputType, idempotencyKey }: { inputType?: string; idempotencyKey?: string } = {},
  ): Promise<Payload> {
    return this.apply(defineMutation<Payload, object>(field, selection, inputType), input, { idempotencyKey });
  }

  /** A mutation whose document carries its types; gives its payload, throws its user error. */
  async apply<Payload, Input extends object>(
    { field, document }: MutationOperation<Payload, Input>,
    input: Input,
    { idempotencyKey = randomUUID() }: { idempotencyKey?: string } = {},
  ): Promise<Payload> {
    type Payloads = Record<string, Payload & { userErrors: UserError[] }>;
    const { data, requestId } = await this.execute<Payloads>(document, { input: { ...input, idempotencyKey } });
    const { userErrors, ...payload } = data[field]!;
    const [refusal] = userErrors;
    if (refusal) throw new RefusedError(refusal.code, refusal.message, refusal.path, requestId);
    return payload as Payload;
  }

  /** What a subscription sends, until it ends or the loop is left. A connection that breaks is made again. */
  async *subscribe<T>(query: string, variables: Record<string, unknown> = {}): AsyncGenerator<T> {
    this.socket ??= createClient({
      url: this.options.graphqlUrl.replace(/^http/, 'ws'),
      webSocketImpl: webSocketWith(this.headers()),
      retryAttempts: SOCKET_RETRIES,
      lazy: true,
    });
    try {
      for await (const { data, errors } of this.socket.iterate<T>({ query, variables })) {
        const [error] = errors ?? [];
        if (error) throw refusalIn(error, null);
        if (data) yield data;
      }
    } catch (error) {
      if (error instanceof RefusedError || error instanceof UnreachableError) throw error;
      // What a subscription is refused with comes as a list of errors, a socket that can't be opened as an event.
      const [refusal] = Array.isArray(error) ? (error as NonNullable<Answer<T>['errors']>) : [];
      if (refusal) throw refusalIn(refusal, null);
      throw new UnreachableError(`the connection to ${this.options.graphqlUrl} broke`, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.socket?.dispose();
  }

  headers(): Record<string, string> {
    const { credentials } = this.options;
    if ('apiKey' in credentials) return { authorization: `Bearer ${credentials.apiKey}` };
    return {
      cookie: credentials.cookie,
      'x-csrf-token': credentials.csrfToken,
      origin: new URL(this.options.graphqlUrl).origin,
    };
  }

  private async execute<T>(query: string, variables: object): Promise<{ data: T; requestId: string | null }> {
    const { graphqlUrl, tries = USUAL_TRIES } = this.options;
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers() },
      body: JSON.stringify({ query, variables }),
    };
    const response = await sendRequest(graphqlUrl, request, { tries });
    const requestId = response.headers.get('x-request-id');
    const answer = await readAnswer<T>(response);
    const [error] = answer.errors ?? [];
    if (error) throw refusalIn(error, requestId);
    if (answer.data) return { data: answer.data, requestId };
    throw new UnreachableError(`${graphqlUrl} answered ${response.status} without data`, { requestId });
  }
}

function refusalIn(
  { message, extensions }: NonNullable<Answer<unknown>['errors']>[number],
  requestId: string | null,
): RefusedError | UnreachableError {
  const id = extensions?.requestId ?? requestId;
  if (extensions?.code === 'INTERNAL') return new UnreachableError(message, { requestId: id });
  return new RefusedError(extensions?.code ?? 'UNKNOWN', message, extensions?.inputPath, id);
}

/** GraphQL answers are told by their shape, whatever their status: what stands before the api answers in its own. */
async function readAnswer<T>(response: Response): Promise<Answer<T>> {
  const copy = response.clone();
  try {
    const answer = (await response.json()) as Answer<T>;
    if (answer.data !== undefined || Array.isArray(answer.errors)) return answer;
  } catch {
    // Not JSON: told below.
  }
  throw await refusalOf(copy);
}

/** A socket that sends headers with its first request, which a browser's can't. */
function webSocketWith(headers: Record<string, string>) {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, { protocols: protocols ?? [], headers });
    }
  };
}
