import 'reflect-metadata';
import { type EventEmitter, on } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WebSocket } from 'undici';
import { AuditModule } from '#libs/audit';
import { IdentityModule, type Permission, ROLES } from '#libs/identity';
import { type Clock, newId, systemClock } from '#libs/kernel';
import { DatabaseModule } from '#platform/database';
import { ForkpointGraphqlModule, InputPipe, PRINCIPAL_RESOLVER, type Principal } from '#platform/graphql';
import { createServer } from '#platform/http';
import { StorageModule } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import { type TestDatabase, testStore } from './test-environment.js';
import type { TestOrganization } from './test-organization.js';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as their queries ask for them
type Answer = any;

/** GraphQL of some domains, with real identity, audit and servers. Who calls is told by a header instead of credentials. */
export class TestGraphql {
  private readonly principals = new Map<string, Principal>();
  private app!: NestFastifyApplication;

  static async start(
    database: TestDatabase,
    modules: Array<Type | DynamicModule>,
    clock: Clock = systemClock,
  ): Promise<TestGraphql> {
    const graphql = new TestGraphql();
    const logger = createLogger('test', process.env['TEST_LOG'] ?? 'fatal');
    const resolve = async (request: { headers: { who?: string } }) => graphql.principals.get(request.headers.who ?? '');
    const { app: appUrl, reconciler, relay } = database.urls;

    @Global()
    @Module({
      providers: [{ provide: PRINCIPAL_RESOLVER, useValue: { resolve } }],
      exports: [PRINCIPAL_RESOLVER],
    })
    class CallersModule {}

    @Module({
      imports: [
        DatabaseModule.forRoot({ appUrl, narrowUrls: { reconciler, relay } }, clock),
        StorageModule.forRoot(testStore()),
        AuditModule,
        IdentityModule.forRoot({ apiKeyPepper: 'p'.repeat(32), sessionSecret: 's'.repeat(32) }),
        CallersModule,
        ForkpointGraphqlModule.forRoot({ logger }),
        ...modules,
      ],
      providers: [{ provide: APP_PIPE, useClass: InputPipe }],
    })
    class TestModule {}
    graphql.app = await createServer(TestModule, { logger });
    await graphql.app.init();
    await graphql.app.getHttpAdapter().getInstance().ready();
    return graphql;
  }

  stop(): Promise<void> {
    return this.app.close();
  }

  get<T>(type: abstract new (...args: never[]) => T): T {
    return this.app.get(type, { strict: false });
  }

  /** A caller of an organization, as the administrator that founded it; gives the name to call by. */
  caller(
    { organizationId, scope }: TestOrganization,
    permissions: readonly Permission[] = ROLES[scope.kind === 'lab' ? 'lab_operator' : 'partner_admin'].permissions,
    projectIds: readonly string[] | 'all' = 'all',
  ): string {
    const who = newId('req');
    const { id } = scope.actor;
    const kind = { organizationId, organizationKind: scope.kind };
    this.principals.set(who, { type: 'user', id, ...kind, projectIds, permissions: new Set(permissions) });
    return who;
  }

  async ask(who: string, query: string, variables: object = {}): Promise<Answer> {
    const payload = { query, variables };
    const answer = await this.app.inject({ method: 'POST', url: '/graphql', headers: { who }, payload });
    const { data, errors } = answer.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Where clients of every kind reach it; who calls is told by the header `who` there, too. */
  async origin(): Promise<string> {
    const server = this.app.getHttpServer();
    if (!server.listening) await this.app.listen(0, '127.0.0.1');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** What a subscription says, until it ends or is left, by the protocol graphql-transport-ws. */
  async *subscribe(who: string, query: string, variables: object = {}): AsyncGenerator<Answer> {
    const url = `${(await this.origin()).replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(url, { protocols: 'graphql-transport-ws', headers: { who } });
    const send = (message: object) => socket.send(JSON.stringify(message));
    try {
      socket.addEventListener('open', () => send({ type: 'connection_init' }));
      for await (const [{ data }] of on(socket as unknown as EventEmitter, 'message', { close: ['close'] })) {
        const { type, payload } = JSON.parse(String(data));
        if (type === 'connection_ack') send({ id: '1', type: 'subscribe', payload: { query, variables } });
        if (type === 'error' || payload?.errors) throw new Error(JSON.stringify(payload.errors ?? payload));
        if (type === 'next') yield payload.data;
        if (type === 'complete') return;
      }
    } finally {
      socket.close();
    }
  }

  /** A mutation's payload, with its userErrors; the input type is named after the mutation unless said otherwise. */
  async mutate(
    who: string,
    name: string,
    input: object,
    selection: string,
    inputType = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`,
  ): Promise<Answer> {
    const query = `mutation($input: ${inputType}!) { ${name}(input: $input) { ${selection} userErrors { code message path } } }`;
    const data = await this.ask(who, query, { input: { idempotencyKey: newId('req'), ...input } });
    return data[name];
  }
}
