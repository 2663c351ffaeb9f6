import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { WebSocket } from 'undici';
import { DatasetsJobsModule } from '#libs/datasets/jobs';
import { EvaluationsJobsModule } from '#libs/evaluations/jobs';
import { FineTuningJobsModule } from '#libs/fine-tuning/jobs';
import { newId } from '#libs/kernel';
import { createServer } from '#platform/http';
import { createLogger } from '#platform/telemetry';
import { type TestDatabase, testDatabase, testEnvironment, testValkey } from '#test/harness';
import { namesOf, recordRoutes } from './registered-routes.fixture.js';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as their queries ask for them
export type Answer = any;

/** What one caller sends with every call: a key, or the cookies of a session with its CSRF token. */
export type Credentials = Record<string, string>;

export interface RestAnswer {
  status: number;
  body: string;
}

const PUBLIC_ORIGIN = 'https://forkpoint.example';

/**
 * The whole api as `main.ts` starts it, its internal listener beside it, on a database of its own. The worker's handlers are
 * in the same process, to be told of what would come to them by the queue.
 */
export class TenantApi {
  private constructor(
    readonly database: TestDatabase,
    /** What a process of the platform is given. */
    readonly environment: Record<string, string>,
    private readonly app: NestFastifyApplication,
    private readonly internal: NestFastifyApplication,
    readonly routes: readonly string[],
    readonly internalRoutes: readonly string[],
  ) {}

  static async start(): Promise<TenantApi> {
    const database = await testDatabase();
    const environment: Record<string, string> = {
      ...testEnvironment(database, await testValkey()),
      PUBLIC_ORIGIN,
      WEBHOOK_ALLOWED_HOSTS: 'hooks.example',
      LOG_LEVEL: process.env['TENANTS_LOG'] ?? 'fatal',
    };
    // The modules read their configuration when they are loaded.
    Object.assign(process.env, environment);
    const { AppModule, database: connections, store } = await import('../../apps/api/src/app.module.js');
    const { InternalModule } = await import('../../apps/api/src/internal/internal.module.js');

    @Module({ imports: [AppModule, DatasetsJobsModule, FineTuningJobsModule, EvaluationsJobsModule] })
    class ApiWithHandlersModule {}
    const [app, routes] = await serve(ApiWithHandlersModule);
    const [internal, internalRoutes] = await serve(
      InternalModule.forRoot({ database: connections, store, gatewayToken: environment['GATEWAY_TOKEN']! }),
    );
    return new TenantApi(database, environment, app, internal, routes, internalRoutes);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.internal.close();
    await this.database.drop();
  }

  get<T>(type: abstract new (...args: never[]) => T): T {
    return this.app.get(type, { strict: false });
  }

  get schema(): GraphQLSchema {
    return this.get(GraphQLSchemaHost).schema;
  }

  get origin(): string {
    return originOf(this.app);
  }

  get internalOrigin(): string {
    return originOf(this.internal);
  }

  async send(request: InjectOptions, listener: 'public' | 'internal' = 'public'): Promise<RestAnswer> {
    const app = listener === 'public' ? this.app : this.internal;
    const { statusCode, payload } = await app.inject(request);
    return { status: statusCode, body: payload };
  }

  async signIn(email: string, password: string): Promise<Credentials> {
    const answer = await this.app.inject({ method: 'POST', url: '/auth/sign-in', payload: { email, password } });
    if (answer.statusCode !== 200) throw new Error(answer.body);
    const cookie = answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    return { cookie, 'x-csrf-token': answer.json().csrfToken };
  }

  /** The answer as it came, errors and all. */
  async graphql(credentials: Credentials, query: string, variables: object = {}): Promise<Answer> {
    const { body } = await this.send({
      method: 'POST',
      url: '/graphql',
      headers: credentials,
      payload: { query, variables },
    });
    return JSON.parse(body);
  }

  /** The data of an answer that has to have no errors. */
  async ask(credentials: Credentials, query: string, variables: object = {}): Promise<Answer> {
    const { data, errors } = await this.graphql(credentials, query, variables);
    if (errors?.length) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** The payload of a mutation that has to succeed. */
  async mutate(credentials: Credentials, name: string, input: object, selection: string): Promise<Answer> {
    const field = this.schema.getMutationType()!.getFields()[name]!;
    const query = `mutation($input: ${field.args[0]!.type}) { ${name}(input: $input) { ${selection} userErrors { code message } } }`;
    const data = await this.ask(credentials, query, { input: { idempotencyKey: newId('req'), ...input } });
    const { userErrors, ...payload } = data[name];
    if (userErrors.length > 0) throw new Error(`${name}: ${JSON.stringify(userErrors)}`);
    return payload;
  }

  /** The first message of a subscription, by the graphql-transport-ws protocol. */
  async firstUpdate(
    credentials: Credentials,
    query: string,
    origin = this.origin,
  ): Promise<{ type: string; payload?: unknown }> {
    const options = { protocols: 'graphql-transport-ws', headers: credentials };
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, options);
    try {
      return await new Promise((resolve, reject) => {
        socket.addEventListener('error', () => reject(new Error('the socket failed')));
        socket.addEventListener('close', ({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`)));
        socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
        socket.addEventListener('message', ({ data }) => {
          const message = JSON.parse(String(data));
          if (message.type !== 'connection_ack') return resolve(message);
          socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
        });
      });
    } finally {
      socket.close();
    }
  }
}

function originOf(app: NestFastifyApplication): string {
  const { port } = app.getHttpServer().address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** A listener of the api, and the names of all routes that it registered. */
async function serve(module: unknown): Promise<[app: NestFastifyApplication, routes: string[]]> {
  const { started, routes } = await recordRoutes(async () => {
    const app = await createServer(module, { logger: createLogger('api', process.env['LOG_LEVEL'] ?? 'fatal') });
    await app.listen(0, '127.0.0.1');
    return app;
  });
  return [started, namesOf(routes)];
}
