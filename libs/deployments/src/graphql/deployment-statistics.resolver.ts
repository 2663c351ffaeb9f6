import { Args, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { authorize } from '#libs/identity';
import { type DeploymentStatistics, readDeploymentStatistics } from '#libs/usage';
import { Database } from '#platform/database';
import { Ctx, type RequestContext } from '#platform/graphql';
import type { Deployment } from '../deployment.js';
import { DeploymentStatisticsArgs, DeploymentStatisticsType } from './deployment-statistics.types.js';
import { DeploymentType } from './deployments.types.js';

@Resolver(() => DeploymentType)
export class DeploymentStatisticsResolver {
  constructor(private readonly database: Database) {}

  @ResolveField(() => DeploymentStatisticsType, {
    nullable: true,
    description:
      'Its calls in a span of time: how many, how they ended, how fast and how long their answers were. Needs the permission usage:read.',
  })
  statistics(
    @Ctx() context: RequestContext,
    @Parent() deployment: Deployment,
    @Args() range: DeploymentStatisticsArgs,
  ): Promise<DeploymentStatistics> {
    const { id, projectId } = deployment;
    authorize(context.principal, 'usage:read', { projectId });
    return context
      .batched('Deployment.statistics', range, (ids) =>
        this.database.read(context.scope, (tx) => readDeploymentStatistics(tx, ids, range)),
      )
      .load(id);
  }
}
