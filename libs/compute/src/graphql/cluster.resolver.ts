import { Args, Query, Resolver } from '@nestjs/graphql';
import { authorize } from '#libs/identity';
import { Database } from '#platform/database';
import { type Connection, ConnectionArgs, Ctx, type RequestContext } from '#platform/graphql';
import { pageOfClusterAttempts, pageOfClusterJobs, readClusterLoad } from './cluster.repository.js';
import {
  ClusterAttemptConnection,
  type ClusterAttemptType,
  ClusterJobConnection,
  ClusterJobsArgs,
  type ClusterJobType,
  ClusterLoadType,
} from './cluster.types.js';

/** What the lab's operators see of the work on the cluster, whosever it is. */
@Resolver()
export class ClusterResolver {
  constructor(private readonly database: Database) {}

  @Query(() => ClusterJobConnection, {
    description:
      'Compute jobs of all organizations that are not over, those first that wait longest. Turns are taken by project, so this is not their order. Needs the permission cluster:read.',
  })
  clusterJobs(@Ctx() context: RequestContext, @Args() args: ClusterJobsArgs): Promise<Connection<ClusterJobType>> {
    authorize(context.principal, 'cluster:read');
    return this.database.read(context.scope, (tx) => pageOfClusterJobs(tx, args));
  }

  @Query(() => ClusterAttemptConnection, {
    description: 'Attempts of all organizations whose processes may be there, oldest first. Needs cluster:read.',
  })
  clusterAttempts(
    @Ctx() context: RequestContext,
    @Args() args: ConnectionArgs,
  ): Promise<Connection<ClusterAttemptType>> {
    authorize(context.principal, 'cluster:read');
    return this.database.read(context.scope, (tx) => pageOfClusterAttempts(tx, args));
  }

  @Query(() => ClusterLoadType, { description: 'How much waits and runs on the cluster. Needs cluster:read.' })
  clusterLoad(@Ctx() context: RequestContext): Promise<ClusterLoadType> {
    authorize(context.principal, 'cluster:read');
    return this.database.read(context.scope, readClusterLoad);
  }
}
