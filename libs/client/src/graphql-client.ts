import { randomUUID } from 'node:crypto';
import { type Client, createClient } from 'graphql-ws';
import { RefusedError, UnreachableError } from './errors.js';

export interface ClientOptions {
  /** Such as https://forkpoint.example/graphql. */
  graphqlUrl: string;
  /** An API key, or the cookie and CSRF token of a session. */
  credentials: { apiKey: string } | { cookie: string; csrfToken: string };
}

type UserError = { code: string; message: string; path: string[] };
type Answer<T> = {
  data?: T | null;
  errors?: Array<{ message: string; extensions?: { code?: string; inputPath?: string[] } }>;
};

/** GraphQL as any program outside the platform would call it. */
export class GraphqlClient {
  private socket: Client | undefined;

  constructor(private readonly options: ClientOptions) {}

  async query<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await this.post(JSON.stringify({ query, variables }));
    const requestId = response.headers.get('x-request-id');
    const answer = await readAnswer<T>(response);
    const [error] = answer.errors ?? [];
    if (error)
      throw new RefusedError(
        error.extensions?.code ?? 'UNKNOWN',
        error.message,
        error.extensions?.inputPath,
        requestId,
      );
    if (!answer.data) throw new UnreachableError(`${this.options.graphqlUrl} answered ${response.status} without data`);
    return answer.data;
  }

  /**
   * Runs one mutation field and gives its payload; a user error is thrown. The key makes it safe to repeat: choose one of your own to
   * repeat it across runs of a program.
   */
  async mutate<Payload>(
    field: string,
    input: Record<string, unknown>,
    selection: string,
    { inputType = `${field[0]!.toUpperCase()}${field.slice(1)}Input`, idempotencyKey = randomUUID() } = {},
  ): Promise<Payload> {
    const document = `mutation($input: ${inputType}!) { ${field}(input: $input) { ${selection} userErrors { code message path } } }`;
    const data = await this.query<Record<string, Payload & { userErrors: UserError[] }>>(document, {
      input: { ...input, idempotencyKey },
    });
    const payload = data[field]!;
    const [refusal] = payload.userErrors;
    if (refusal) throw new RefusedError(refusal.code, refusal.message, refusal.path);
    return payload;
  }

  /** What a subscription sends, until it ends or the loop is left. */
  async *subscribe<T>(query: string, variables: Record<string, unknown> = {}): AsyncGenerator<T> {
    this.socket ??= createClient({
      url: this.options.graphqlUrl.replace(/^http/, 'ws'),
      webSocketImpl: webSocketWith(this.headers()),
      retryAttempts: 5,
      lazy: true,
    });
    for await (const { data, errors } of this.socket.iterate<T>({ query, variables })) {
      if (errors?.[0]) throw new RefusedError('SUBSCRIPTION_FAILED', errors[0].message);
      if (data) yield data;
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

  private async post(body: string): Promise<Response> {
    const headers = { 'content-type': 'application/json', ...this.headers() };
    try {
      return await fetch(this.options.graphqlUrl, { method: 'POST', headers, body });
    } catch (error) {
      throw new UnreachableError(`${this.options.graphqlUrl} can't be reached: is the platform running?`, {
        cause: error,
      });
    }
  }
}

async function readAnswer<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer<T>;
  } catch {
    throw new UnreachableError(`${response.url} answered ${response.status}: ${text.slice(0, 200)}`);
  }
}

/** Node's WebSocket takes headers, which a browser's does not. */
function webSocketWith(headers: Record<string, string>) {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, { protocols, headers } as never);
    }
  };
}
