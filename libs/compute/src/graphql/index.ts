import { Module } from '@nestjs/common';
import { ComputeModule } from '../compute.module.js';
import { ClusterResolver } from './cluster.resolver.js';
import { ComputeFeed } from './compute-feed.js';

export { ComputeFeed, type ComputeUpdate } from './compute-feed.js';

/**
 * What the api's subscriptions follow jobs by, and what the lab's operators see of the cluster. A job itself has no root in
 * the schema: its owner shows it.
 */
@Module({ imports: [ComputeModule], providers: [ComputeFeed, ClusterResolver], exports: [ComputeFeed] })
export class ComputeGraphqlModule {}
