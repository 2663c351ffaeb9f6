import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { Args, Field, InputType, Mutation, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Length } from 'class-validator';
import pg from 'pg';
import { DomainError, newId, sha256Hex } from '#libs/kernel';
import { Database, DatabaseModule } from '#platform/database';
import {
  AUDIT_SINK,
  AUTHORIZER,
  ConnectionArgs,
  Ctx,
  connectionOf,
  ForkpointGraphqlModule,
  InputPipe,
  MutationInput,
  MutationPayload,
  MutationRunner,
  NodeField,
  NodeLoader,
  NodeType,
  PRINCIPAL_RESOLVER,
  type Principal,
  paginate,
  paginateMany,
  type RequestContext,
  ShownOnce,
} from '#platform/graphql';
import { createServer } from '#platform/http';
import { createLogger } from '#platform/telemetry';
import { testDatabase } from '#test/harness';

const organizationId = newId('org');
const principal: Principal = {
  type: 'user',
  id: newId('user'),
  organizationId,
  organizationKind: 'partner',
  projectIds: 'all',
  permissions: new Set(['projects:write']),
};
const audited: string[] = [];

@ObjectType('Box', { implements: () => [NodeType], description: 'A thing to test with.' })
class BoxType extends NodeType {
  @Field({ description: 'Label.' }) label!: string;
  parentId!: string | null;
  @NodeField(() => BoxType, { from: 'parentId', description: 'Parent.' }) parent!: BoxType | null;
}
const { Connection: BoxConnection } = connectionOf(BoxType, 'Box');

@InputType()
class CreateBoxInput extends MutationInput {
  @Field({ description: 'Label.' }) @Length(1, 10) label!: string;
}
@ObjectType()
class CreateBoxPayload extends MutationPayload {
  @NodeField(() => BoxType, { description: 'The box.' }) box!: string | null;
  @Field(() => String, { nullable: true, description: 'Once.' }) secret!: string | null;
}

type Row = { id: string; label: string; parent_id: string | null };
const toBox = (row: Row) => ({ id: row.id, label: row.label, parentId: row.parent_id });
const ORDER = [
  { column: 'b.created_at', type: 'timestamptz' },
  { column: 'b.id', type: 'text' },
] as const;

@Resolver(() => BoxType)
class BoxResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
  ) {}

  @NodeLoader('proj', 'Box')
  async load(context: RequestContext, ids: readonly string[]) {
    const rows = await this.database.read(context.scope, (tx) =>
      tx.query<Row>('SELECT * FROM boxes WHERE id = ANY($1)', [ids]),
    );
    return ids.map((id) => rows.filter((row) => row.id === id).map(toBox)[0] ?? null);
  }

  @Query(() => BoxConnection, { description: 'Boxes.' })
  boxes(@Ctx() context: RequestContext, @Args() args: ConnectionArgs) {
    return this.database.read(context.scope, (tx) =>
      paginate(tx, { from: 'boxes b', columns: 'b.*', orderBy: ORDER, args, map: toBox }),
    );
  }

  @ResolveField(() => BoxConnection, { description: 'Children.' })
  children(@Ctx() context: RequestContext, @Parent() box: BoxType, @Args() args: ConnectionArgs) {
    return context
      .batched('box.children', args, (ids) =>
        this.database.read(context.scope, (tx) =>
          paginateMany(tx, ids, 'b.parent_id', { from: 'boxes b', columns: 'b.*', orderBy: ORDER, args, map: toBox }),
        ),
      )
      .load(box.id);
  }

  @Mutation(() => CreateBoxPayload, { description: 'Makes a box.' })
  createBox(@Ctx() context: RequestContext, @Args('input') input: CreateBoxInput) {
    return this.mutations.run(context, { name: 'createBox', permission: 'projects:write', input }, async (tx) => {
      if (input.label === 'refuse') throw new DomainError('BOX_REFUSED', 'No such box.', { path: ['label'] });
      const id = newId('proj');
      await tx.query('INSERT INTO boxes (id, organization_id, label, created_at) VALUES ($1, $2, $3, $4)', [
        id,
        tx.scope.organizationId,
        input.label,
        new Date(),
      ]);
      return { box: id, secret: new ShownOnce('hush') };
    });
  }

  @Query(() => String, { description: 'Fails.' })
  broken(): string {
    throw new Error('internal detail');
  }
}

@Global()
@Module({
  providers: [
    BoxResolver,
    {
      provide: PRINCIPAL_RESOLVER,
      useValue: {
        resolve: async (request: { headers: Record<string, string> }) => (request.headers.anonymous ? null : principal),
      },
    },
    {
      provide: AUTHORIZER,
      useValue: {
        authorize: (who: Principal, permission: string) => expect(who.permissions.has(permission)).toBe(true),
      },
    },
    {
      provide: AUDIT_SINK,
      useValue: {
        record: async (_tx: unknown, entry: { action: string; outcome: string }) =>
          void audited.push(`${entry.action} ${entry.outcome}`),
      },
    },
    { provide: APP_PIPE, useClass: InputPipe },
  ],
  exports: [PRINCIPAL_RESOLVER, AUTHORIZER, AUDIT_SINK],
})
class PortsModule {}

const KNOWN = '{ boxes(first: 1) { nodes { id } } }';

describe('GraphQL conventions', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const database = await testDatabase();
    const owner = new pg.Client(database.urls.owner);
    await owner.connect();
    await owner.query(
      `CREATE TABLE boxes (id text COLLATE "C" PRIMARY KEY, organization_id text NOT NULL, label text NOT NULL, parent_id text, created_at timestamptz NOT NULL)`,
    );
    await owner.query('GRANT ALL ON boxes TO forkpoint_app');
    // Microseconds apart: a cursor of milliseconds would skip rows.
    await owner.query(
      `INSERT INTO boxes SELECT 'proj_' || lpad(i::text, 26, '0'), $1, 'box ' || i, CASE WHEN i > 3 THEN 'proj_' || lpad((i % 3 + 1)::text, 26, '0') END,
       '2026-01-01'::timestamptz + (i / 2) * interval '1 microsecond' FROM generate_series(1, 57) i`,
      [organizationId],
    );
    await owner.end();
    const logger = createLogger('test', 'fatal');
    @Module({
      imports: [
        DatabaseModule.forRoot({ appUrl: database.urls.app }),
        PortsModule,
        ForkpointGraphqlModule.forRoot({ logger, operations: new Map([[sha256Hex(KNOWN), KNOWN]]) }),
      ],
    })
    class TestModule {}
    app = await createServer(TestModule, { logger });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(async () => app?.close());

  async function query(text: string, variables: object = {}, headers: Record<string, string> = {}) {
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers,
      payload: { query: text, variables },
    });
    return response.json();
  }

  const byHash = (text: string, { version = 1, ...rest }: { version?: number; query?: string } = {}) =>
    app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { ...rest, extensions: { persistedQuery: { version, sha256Hash: sha256Hex(text) } } },
    });

  it('runs an operation it was built with by its hash', async () => {
    expect((await byHash(KNOWN)).json().data.boxes.nodes).toHaveLength(1);
  });

  it('says of a hash it does not know that it wants the text, and keeps none that it is sent', async () => {
    const other = '{ boxes(first: 2) { nodes { id } } }';
    expect((await byHash(other)).json().errors[0].message).toBe('PersistedQueryNotFound');
    expect((await byHash(other, { query: other })).json().data.boxes.nodes).toHaveLength(2);
    expect((await byHash(other)).json().errors[0].message).toBe('PersistedQueryNotFound');
    expect((await byHash(KNOWN, { version: 2 })).json().errors[0].message).toBe('PersistedQueryNotSupported');
  });

  it.each(['first', 'last'])('pages through every row once, by %s', async (direction) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 20; page++) {
      const args =
        direction === 'first'
          ? `first: 10, after: ${JSON.stringify(cursor)}`
          : `last: 10, before: ${JSON.stringify(cursor)}`;
      const { data } = await query(
        `{ boxes(${args}) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      );
      const ids = data.boxes.nodes.map((node: { id: string }) => node.id);
      seen.push(...(direction === 'first' ? ids : ids.reverse()));
      cursor = direction === 'first' ? data.boxes.pageInfo.endCursor : data.boxes.pageInfo.startCursor;
      if (!(direction === 'first' ? data.boxes.pageInfo.hasNextPage : data.boxes.pageInfo.hasPreviousPage)) break;
    }
    expect(new Set(seen).size).toBe(57);
    expect(seen).toHaveLength(57);
  });

  it('pages nested lists for all parents at once', async () => {
    const { data } = await query(
      '{ boxes(last: 3) { nodes { label children(first: 2) { nodes { parent { label } } pageInfo { hasNextPage } } } } }',
    );
    for (const box of data.boxes.nodes) {
      expect(box.children.nodes).toEqual([{ parent: { label: box.label } }, { parent: { label: box.label } }]);
      expect(box.children.pageInfo.hasNextPage).toBe(true);
    }
  });

  it('answers a repeated mutation with its first answer, without the secret', async () => {
    const make = (label: string) =>
      query(
        'mutation($input: CreateBoxInput!) { createBox(input: $input) { box { id label } secret userErrors { code path } } }',
        { input: { idempotencyKey: 'k1', label } },
      );
    const first = await make('one');
    expect(first.data.createBox).toMatchObject({ box: { label: 'one' }, secret: 'hush', userErrors: [] });
    const again = await make('one');
    expect(again.data.createBox).toEqual({ ...first.data.createBox, secret: null });
    const other = await make('two');
    expect(other.data.createBox.userErrors).toEqual([{ code: 'IDEMPOTENCY_KEY_REUSED', path: ['idempotencyKey'] }]);
    expect(audited).toEqual(['createBox done', 'createBox refused']);
  });

  it('runs a mutation once when two calls race', async () => {
    const call = () =>
      query(
        'mutation { createBox(input: { idempotencyKey: "race", label: "race" }) { box { id } userErrors { code } } }',
      );
    const [a, b] = await Promise.all([call(), call()]);
    expect(a.data.createBox).toEqual(b.data.createBox);
  });

  it('types what it refuses', async () => {
    const refuse = (label: string, key: string) =>
      query(
        `mutation { createBox(input: { idempotencyKey: "${key}", label: "${label}" }) { box { id } userErrors { code path } } }`,
      );
    expect((await refuse('refuse', 'k2')).data.createBox).toEqual({
      box: null,
      userErrors: [{ code: 'BOX_REFUSED', path: ['label'] }],
    });
    expect((await refuse('far too long a label', 'k3')).data.createBox.userErrors).toEqual([
      { code: 'INVALID_INPUT', path: ['label'] },
    ]);
  });

  it('finds a node by its id and null for what is not there', async () => {
    const { data } = await query(
      `{ node(id: "proj_00000000000000000000000001") { id ... on Box { label } } nodes(ids: ["proj_nothing", "x"]) { id } }`,
    );
    expect(data).toEqual({ node: { id: 'proj_00000000000000000000000001', label: 'box 1' }, nodes: [null, null] });
  });

  it('tells the cost and refuses what costs too much or lies too deep', async () => {
    expect((await query('{ boxes(first: 5) { nodes { id } } }')).extensions.cost.requested).toBeLessThan(20);
    const costly = await query('{ boxes(first: 100) { nodes { children(first: 100) { nodes { id label } } } } }');
    expect(costly.errors[0].extensions.code).toBe('QUERY_TOO_COSTLY');
    const deep = await query(`{ boxes { nodes ${'{ parent '.repeat(20)} { id } ${'}'.repeat(20)} } }`);
    expect(deep.errors).toBeDefined();
    expect(deep.data).toBeFalsy();
  });

  it('keeps surprises to itself and says what a query is wrong in', async () => {
    const broken = await query('{ broken }');
    expect(JSON.stringify(broken)).not.toContain('internal detail');
    expect(broken.errors[0].extensions).toMatchObject({ code: 'INTERNAL', requestId: expect.stringMatching(/^req_/) });
    expect((await query('{ nonsense }')).errors[0].message).toContain('nonsense');
    expect((await query('{ boxes(after: "???") { nodes { id } } }')).errors[0].extensions.code).toBe('BAD_CURSOR');
  });

  it('refuses a caller that it does not know', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { anonymous: '1' },
      payload: { query: '{ broken }' },
    });
    expect(response.statusCode).toBe(401);
    expect(response.json().errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});
