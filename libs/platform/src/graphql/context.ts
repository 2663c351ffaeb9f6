import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import DataLoader from 'dataloader';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '#libs/kernel';
import type { Scope } from '#platform/database';

/** Who calls. Identity makes it from a session or a key. */
export interface Principal {
  type: 'user' | 'service_account' | 'api_key';
  id: string;
  organizationId: string;
  organizationKind: 'lab' | 'partner';
  projectIds: readonly string[] | 'all';
  permissions: ReadonlySet<string>;
  sessionId?: string;
}

/** Identity's answer to "who is this?": null when nobody is signed in; throws a DomainError for credentials that are wrong. */
export interface PrincipalResolver {
  /** Unless it is no use, a session is kept alive by it. */
  resolve(request: FastifyRequest, options?: { isUse?: boolean }): Promise<Principal | null>;
}
export const PRINCIPAL_RESOLVER = Symbol('PrincipalResolver');

export function scopeOf(principal: Principal): Scope {
  return {
    organizationId: principal.organizationId,
    kind: principal.organizationKind,
    actor: { type: principal.type, id: principal.id },
    projectIds: principal.projectIds,
  };
}

export type LoadNodes = (context: RequestContext, ids: readonly string[]) => Promise<ReadonlyArray<object | null>>;

/** What one GraphQL operation carries: the caller and the loaders that batch its reads. A subscription makes a new one per event. */
export class RequestContext {
  private readonly batches = new Map<string, DataLoader<string, unknown>>();
  readonly scope: Scope;

  constructor(
    readonly principal: Principal,
    readonly requestId: string,
    private readonly loadNodes: LoadNodes,
  ) {
    this.scope = scopeOf(principal);
  }

  /** The thing with this id if the caller may see it, else null. All that are asked for in one tick are read together. */
  load<T = unknown>(id: string): Promise<T | null> {
    return this.batched('node', {}, (ids) => this.loadNodes(this, ids)).load(id) as Promise<T | null>;
  }

  /** A batch per name and arguments: `keys` in, as many results out, in the same order. */
  batched<T>(
    name: string,
    args: unknown,
    read: (keys: readonly string[]) => Promise<readonly T[]>,
  ): DataLoader<string, T> {
    const batch = `${name} ${canonicalJson(args ?? {})}`;
    let loader = this.batches.get(batch) as DataLoader<string, T> | undefined;
    if (!loader) {
      loader = new DataLoader<string, T>(read, { maxBatchSize: 500 });
      this.batches.set(batch, loader as DataLoader<string, unknown>);
    }
    return loader;
  }

  /** After a mutation what was read before is stale. */
  forget(): void {
    this.batches.clear();
  }
}

export const Ctx = createParamDecorator((_: unknown, host: ExecutionContext): RequestContext => {
  const context = GqlExecutionContext.create(host).getContext<{ request: RequestContext }>();
  return context.request;
});
