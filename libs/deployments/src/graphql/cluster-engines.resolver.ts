import { Inject } from '@nestjs/common';
import { Args, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { authorize } from '#libs/identity';
import { CLOCK, type Clock } from '#libs/kernel';
import { countRunningRequests } from '#libs/usage';
import { Database } from '#platform/database';
import { type Connection, Ctx, type RequestContext } from '#platform/graphql';
import { pageOfClusterEngines, readEnginePool } from './cluster-engines.repository.js';
import {
  ClusterEngineConnection,
  ClusterEnginesArgs,
  ClusterEngineType,
  EnginePoolType,
} from './cluster-engines.types.js';

/** What the lab's operators see of what serves. */
@Resolver(() => ClusterEngineType)
export class ClusterEnginesResolver {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Query(() => ClusterEngineConnection, {
    description: 'Serving engines, newest first. Needs the permission cluster:read.',
  })
  clusterEngines(
    @Ctx() context: RequestContext,
    @Args() args: ClusterEnginesArgs,
  ): Promise<Connection<ClusterEngineType>> {
    authorize(context.principal, 'cluster:read');
    return this.database.read(context.scope, (tx) => pageOfClusterEngines(tx, args));
  }

  @Query(() => EnginePoolType, { description: 'What engines use, and what they may. Needs cluster:read.' })
  enginePool(@Ctx() context: RequestContext): Promise<EnginePoolType> {
    authorize(context.principal, 'cluster:read');
    return this.database.read(context.scope, (tx) => readEnginePool(tx, this.clock.now()));
  }

  @ResolveField(() => Int, {
    description: 'Calls of its base and adapters that are under way; 0 for one that is over.',
  })
  async runningRequests(@Ctx() context: RequestContext, @Parent() engine: ClusterEngineType): Promise<number> {
    if (engine.endedAt !== null) return 0;
    return context
      .batched('ClusterEngine.runningRequests', {}, (ids) =>
        this.database.read(context.scope, (tx) => countRunningRequests(tx, ids)),
      )
      .load(engine.baseCheckpointId);
  }
}
