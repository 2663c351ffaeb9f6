import { Module } from '@nestjs/common';
import { ComputeModule } from '../compute.module.js';
import { ComputeFeed } from './compute-feed.js';

export { ComputeFeed, type ComputeUpdate } from './compute-feed.js';

/** What the api's subscriptions follow jobs by. Jobs have no root of their own in the schema: their owners show them. */
@Module({ imports: [ComputeModule], providers: [ComputeFeed], exports: [ComputeFeed] })
export class ComputeGraphqlModule {}
