import { type DynamicModule, Global, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { DomainError, newId } from '#libs/kernel';
import type { Logger } from '#platform/telemetry';
import { type Principal, RequestContext } from './context.js';
import { costOf, LARGEST_COST, LARGEST_DEPTH, refuseCost, toGraphQLError } from './limits.js';
import { MutationRunner } from './mutation.js';
import { NodeRegistry, NodeResolver } from './node.js';
import { BigIntScalar } from './scalars.js';

/** Identity's answer to "who is this?": null when nobody is signed in; throws a DomainError for credentials that are wrong. */
export interface PrincipalResolver {
  resolve(request: FastifyRequest): Promise<Principal | null>;
}
export const PRINCIPAL_RESOLVER = Symbol('PrincipalResolver');

interface MercuriusContext {
  request: RequestContext;
  cost?: number;
}

export interface GraphqlOptions {
  logger: Logger;
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

  static forRoot({ logger, schemaFile }: GraphqlOptions): DynamicModule {
    return {
      module: ForkpointGraphqlModule,
      imports: [
        DiscoveryModule,
        GraphQLModule.forRootAsync<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          imports: [GraphqlPartsModule],
          inject: [PRINCIPAL_RESOLVER, NodeRegistry],
          useFactory: (principals: PrincipalResolver, nodes: NodeRegistry) =>
            mercuriusOptions(principals, nodes, logger, schemaFile),
        }),
        GraphqlPartsModule,
      ],
      providers: [{ provide: 'GRAPHQL_LOGGER', useValue: logger }, NodeResolver, BigIntScalar, MutationRunner],
      exports: [GraphqlPartsModule, MutationRunner],
    };
  }

  /** The cost of an operation is known before it runs, and told with its answer. */
  onApplicationBootstrap(): void {
    const app = this.adapter.httpAdapter.getInstance<FastifyInstance>();
    app.graphql.addHook('preExecution', async (schema, source, context, variables) => {
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

@Module({ imports: [DiscoveryModule], providers: [NodeRegistry], exports: [NodeRegistry] })
class GraphqlPartsModule {}

function mercuriusOptions(
  principals: PrincipalResolver,
  nodes: NodeRegistry,
  logger: Logger,
  schemaFile?: string,
): MercuriusDriverConfig {
  const contextFor = async (request: FastifyRequest): Promise<MercuriusContext> => {
    const principal = await principals.resolve(request);
    if (!principal)
      throw new DomainError('UNAUTHENTICATED', 'Sign in, or send an API key as "Authorization: Bearer fpk_...".', {
        status: 401,
      });
    const requestId = request.id ?? newId('req');
    return { request: new RequestContext(principal, requestId, nodes.load) };
  };
  return {
    autoSchemaFile: schemaFile ?? true,
    sortSchema: true,
    path: '/graphql',
    graphiql: false,
    jit: 1,
    queryDepth: LARGEST_DEPTH,
    context: contextFor,
    subscription: {
      context: (_socket: unknown, request: FastifyRequest) => contextFor(request),
    },
    buildSchemaOptions: { numberScalarMode: 'integer' },
    errorFormatter: (execution, context) => {
      const reply = (context as { reply?: FastifyReply } | undefined)?.reply;
      const errors = (execution.errors ?? []).map((error) =>
        presentable(error as GraphQLError, logger, reply?.request?.id),
      );
      const status = errors.some((error) => error.extensions.code === 'UNAUTHENTICATED') ? 401 : 200;
      return {
        statusCode: status,
        response: { data: execution.data ?? null, errors, extensions: execution.extensions } as never,
      };
    },
  } as MercuriusDriverConfig;
}

/** Refusals keep their code; what a query is wrong in is told; anything else is a surprise, told by its request id only. */
function presentable(error: GraphQLError, logger: Logger, requestId?: string): GraphQLError {
  const cause = error.originalError ?? error;
  if (cause instanceof DomainError) return withPlace(toGraphQLError(cause), error);
  const details = (error as { errors?: GraphQLError[] }).errors;
  const validation = error instanceof GraphQLError && !error.originalError;
  if (validation || details) {
    const message = details?.map((one) => one.message).join(' ') || error.message;
    return withPlace(new GraphQLError(message, { extensions: { code: 'INVALID_QUERY', ...error.extensions } }), error);
  }
  if (error instanceof GraphQLError || !('statusCode' in error))
    logger.error({ err: cause, requestId }, 'a resolver failed');
  return withPlace(
    new GraphQLError('Something failed on our side; it is logged under the request id.', {
      extensions: { code: 'INTERNAL', requestId },
    }),
    error,
  );
}

function withPlace(error: GraphQLError, original: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, { nodes: original.nodes, path: original.path, extensions: error.extensions });
}
