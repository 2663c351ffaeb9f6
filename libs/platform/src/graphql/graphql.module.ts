import { type DynamicModule, Global, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import { DomainError, newId } from '#libs/kernel';
import type { Logger } from '#platform/telemetry';
import { PRINCIPAL_RESOLVER, type PrincipalResolver, RequestContext } from './context.js';
import { presentableErrors } from './errors.js';
import { costOf, LARGEST_COST, LARGEST_DEPTH, refuseCost } from './limits.js';
import { MutationRunner } from './mutation.js';
import { NodeRegistry, NodeResolver } from './node.js';
import { OpenSockets } from './open-sockets.js';
import { type PersistedOperations, providerOf } from './persisted-operations.js';
import { BigIntScalar, JsonScalar } from './scalars.js';

const UNAUTHENTICATED = new DomainError(
  'UNAUTHENTICATED',
  'Sign in, or send an API key as "Authorization: Bearer fpk_...".',
  { status: 401 },
);

interface MercuriusContext {
  request?: RequestContext;
  /** Why there is no caller; told when the operation would run, since an error while a context is made has no GraphQL shape. */
  refusal?: DomainError;
  cost?: number;
}

export interface GraphqlOptions {
  logger: Logger;
  /** What callers may name by its hash. */
  operations?: PersistedOperations;
  /** Written by the generator only. */
  schemaFile?: string;
}

@Global()
@Module({})
export class ForkpointGraphqlModule implements OnApplicationBootstrap {
  constructor(
    private readonly adapter: HttpAdapterHost,
    @Inject('GRAPHQL_LOGGER') private readonly logger: Logger,
  ) {}

  static forRoot({ logger, operations, schemaFile }: GraphqlOptions): DynamicModule {
    return {
      module: ForkpointGraphqlModule,
      imports: [
        DiscoveryModule,
        GraphQLModule.forRootAsync<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          imports: [GraphqlPartsModule],
          inject: [PRINCIPAL_RESOLVER, NodeRegistry, OpenSockets],
          useFactory: (principals: PrincipalResolver, nodes: NodeRegistry, sockets: OpenSockets) =>
            mercuriusOptions({ principals, nodes, sockets, logger, operations, schemaFile }),
        }),
        GraphqlPartsModule,
      ],
      providers: [
        { provide: 'GRAPHQL_LOGGER', useValue: logger },
        NodeResolver,
        BigIntScalar,
        JsonScalar,
        MutationRunner,
      ],
      exports: [GraphqlPartsModule, MutationRunner],
    };
  }

  /** The cost of an operation is known before it runs, and told with its answer. */
  onApplicationBootstrap(): void {
    const app = this.adapter.httpAdapter.getInstance<FastifyInstance>();
    app.graphql.addHook('preExecution', async (schema, source, context, variables) => {
      const { refusal } = context as unknown as MercuriusContext;
      if (refusal) throw refusal;
      const cost = costOf(
        schema,
        source,
        (variables ?? {}) as Record<string, unknown>,
        (context as { operationName?: string }).operationName,
      );
      (context as unknown as MercuriusContext).cost = cost;
      if (cost > LARGEST_COST) throw refuseCost(cost);
    });
    app.graphql.addHook('onResolution', async (execution, context) => {
      const { cost } = context as unknown as MercuriusContext;
      if (cost !== undefined)
        execution.extensions = { ...execution.extensions, cost: { requested: cost, maximum: LARGEST_COST } };
    });
    this.logger.debug('GraphQL limits are set');
  }
}

@Module({
  imports: [DiscoveryModule],
  providers: [NodeRegistry, OpenSockets],
  exports: [NodeRegistry, OpenSockets],
})
class GraphqlPartsModule {}

interface MercuriusParts extends GraphqlOptions {
  principals: PrincipalResolver;
  nodes: NodeRegistry;
  sockets: OpenSockets;
}

function mercuriusOptions({
  principals,
  nodes,
  sockets,
  logger,
  operations,
  schemaFile,
}: MercuriusParts): MercuriusDriverConfig {
  const contextOf = async (request: FastifyRequest): Promise<Required<Pick<MercuriusContext, 'request'>>> => {
    const principal = await principals.resolve(request);
    if (!principal) throw UNAUTHENTICATED;
    return { request: new RequestContext(principal, request.id ?? newId('req'), nodes.load) };
  };
  return {
    autoSchemaFile: schemaFile ?? true,
    sortSchema: true,
    path: '/graphql',
    graphiql: false,
    jit: 1,
    queryDepth: LARGEST_DEPTH,
    ...(operations ? { persistedQueryProvider: providerOf(operations) } : {}),
    context: (request: FastifyRequest): Promise<MercuriusContext> =>
      contextOf(request).catch((error: unknown) => {
        if (error instanceof DomainError) return { refusal: error };
        throw error;
      }),
    subscription: {
      context: async (socket: Parameters<OpenSockets['add']>[0], request: FastifyRequest) => {
        const context = await contextOf(request);
        sockets.add(socket, request, context.request.principal);
        return context;
      },
    },
    buildSchemaOptions: { numberScalarMode: 'integer' },
    errorFormatter: (execution, context) => {
      const reply = (context as { reply?: FastifyReply } | undefined)?.reply;
      const errors = (execution.errors ?? []).flatMap((error) =>
        presentableErrors(error as GraphQLError, logger, reply?.request?.id),
      );
      return {
        statusCode: (context as MercuriusContext | undefined)?.refusal?.status ?? 200,
        response: { data: execution.data ?? null, errors, extensions: execution.extensions } as never,
      };
    },
  } as MercuriusDriverConfig;
}
