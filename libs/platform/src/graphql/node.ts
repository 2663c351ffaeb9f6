import { Injectable, type OnApplicationBootstrap, SetMetadata, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Args, Field, type FieldMiddleware, ID, InterfaceType, Query, Resolver } from '@nestjs/graphql';
import { DomainError, type IdPrefix, idPrefix } from '#libs/kernel';
import type { Database, Transaction } from '#platform/database';
import { Ctx, type RequestContext } from './context.js';

const NODE_LOADER = 'forkpoint:node-loader';

interface NodeLoaderMetadata {
  prefix: IdPrefix;
  type: string;
}

/**
 * Marks the method that reads things of one kind by id: `(context, ids) => Promise<(T | null)[]>`, in the order of the ids,
 * null for what the caller may not see. `type` is the object type's name in the schema.
 */
export const NodeLoader = (prefix: IdPrefix, type: string) =>
  SetMetadata(NODE_LOADER, { prefix, type } satisfies NodeLoaderMetadata);

type Loader = (context: RequestContext, ids: readonly string[]) => Promise<ReadonlyArray<object | null>>;

const typeOfPrefix = new Map<IdPrefix, string>();

@InterfaceType('Node', {
  description: 'Anything with an id of its own.',
  resolveType: (value: { id: string }) => typeOfPrefix.get(idPrefix(value.id) as IdPrefix),
})
export abstract class NodeType {
  @Field(() => ID, { description: 'TypeID: the prefix says what it is, the rest sorts by time of creation.' })
  id!: string;
}

/** All node loaders of the api, found at its start. */
@Injectable()
export class NodeRegistry implements OnApplicationBootstrap {
  private readonly loaders = new Map<IdPrefix, Loader>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onApplicationBootstrap(): void {
    for (const { instance } of this.discovery.getProviders()) {
      if (!instance || typeof instance !== 'object') continue;
      for (const name of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
        const metadata: NodeLoaderMetadata | undefined = Reflect.getMetadata(NODE_LOADER, instance[name]);
        if (metadata) this.register(metadata, instance[name].bind(instance));
      }
    }
  }

  /** Reads ids of any kinds together: one call per kind. */
  readonly load: Loader = async (context, ids) => {
    const byPrefix = Map.groupBy(ids, (id) => idPrefix(id));
    const found = new Map<string, object | null>();
    await Promise.all(
      [...byPrefix].map(async ([prefix, group]) => {
        const loader = prefix && this.loaders.get(prefix);
        const nodes = loader ? await loader(context, group) : group.map(() => null);
        group.forEach((id, position) => {
          found.set(id, nodes[position] ?? null);
        });
      }),
    );
    return ids.map((id) => found.get(id) ?? null);
  };

  /** The kinds that `node(id)` answers for. */
  kinds(): ReadonlyMap<IdPrefix, string> {
    return typeOfPrefix;
  }

  private register({ prefix, type }: NodeLoaderMetadata, loader: Loader): void {
    if (this.loaders.has(prefix)) throw new Error(`two node loaders for ${prefix}_ ids`);
    this.loaders.set(prefix, loader);
    typeOfPrefix.set(prefix, type);
  }
}

/** What a node loader answers: things in the order of their ids, null for what the caller may not see or has no permission to. */
export async function readNodes<T extends { id: string }>(
  context: RequestContext,
  ids: readonly string[],
  from: { database: Database; permission: string; find: (tx: Transaction) => Promise<readonly T[]> },
): Promise<Array<T | null>> {
  if (!context.principal.permissions.has(from.permission)) return ids.map(() => null);
  const found = new Map((await from.database.read(context.scope, from.find)).map((node) => [node.id, node]));
  return ids.map((id) => found.get(id) ?? null);
}

/** The project of a thing that a mutation names, for its permission check and audit entry; undefined if it can't be seen. */
export async function projectOfNode(context: RequestContext, id: string): Promise<string | undefined> {
  return (await context.load<{ projectId?: string }>(id))?.projectId;
}

/** A field that shows the thing whose id the parent holds, under the field's own name or under `from`. */
export function NodeField(
  type: () => Type<unknown>,
  { from, description }: { from?: string; description: string },
): PropertyDecorator {
  const resolve: FieldMiddleware = async ({ source, context }, next) => {
    const id = from ? source[from] : ((await next()) as string | null | undefined);
    return typeof id === 'string' ? (context.request as RequestContext).load(id) : (id ?? null);
  };
  return Field(type, { nullable: true, description, middleware: [resolve] });
}

@Resolver(() => NodeType)
export class NodeResolver {
  @Query(() => NodeType, {
    nullable: true,
    description: 'Anything by its id; null when it does not exist or the caller may not see it.',
  })
  node(
    @Ctx() context: RequestContext,
    @Args('id', { type: () => ID, description: 'A TypeID.' }) id: string,
  ): Promise<unknown> {
    return context.load(id);
  }

  @Query(() => [NodeType], {
    nullable: 'items',
    description: 'Several things by their ids, in that order. At most 100.',
  })
  nodes(
    @Ctx() context: RequestContext,
    @Args('ids', { type: () => [ID], description: 'TypeIDs, at most 100.' }) ids: string[],
  ): Promise<unknown[]> {
    if (ids.length > 100)
      throw new DomainError('TOO_MANY_IDS', 'Ask for at most 100 nodes at a time.', { path: ['ids'] });
    return Promise.all(ids.map((id) => context.load(id)));
  }
}
