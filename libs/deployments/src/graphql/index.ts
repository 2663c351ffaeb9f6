import { Module } from '@nestjs/common';
import { CatalogModule } from '#libs/catalog';
import { DeploymentsModule } from '../deployments.module.js';
import { ClusterEnginesResolver } from './cluster-engines.resolver.js';
import { DeploymentChanges } from './deployment-changes.js';
import { DeploymentStatisticsResolver } from './deployment-statistics.resolver.js';
import { DeploymentMutations, DeploymentRevisionsResolver, DeploymentsResolver } from './deployments.resolver.js';

export * from './deployments.types.js';

@Module({
  imports: [DeploymentsModule, CatalogModule],
  providers: [
    DeploymentsResolver,
    DeploymentRevisionsResolver,
    DeploymentStatisticsResolver,
    DeploymentMutations,
    DeploymentChanges,
    ClusterEnginesResolver,
  ],
})
export class DeploymentsGraphqlModule {}
