import { Args, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { type ComputeEvent, ComputeHistory, type ComputeMetric, type LogChunk } from '#libs/compute';
import type { FineTuneJob } from '#libs/fine-tuning';
import { Database } from '#platform/database';
import { Ctx, type RequestContext } from '#platform/graphql';
import {
  FineTuneEventType,
  FineTuneJobType,
  FineTuneLogChunkType,
  FineTuneMetricPointType,
} from './fine-tuning.types.js';

const LARGEST_SLICE = 1_000;

/** What happened to a job, by number: a follower asks for what came after the last one it has. */
@Resolver(() => FineTuneJobType)
export class FineTuneHistoryResolver {
  constructor(
    private readonly database: Database,
    private readonly history: ComputeHistory,
  ) {}

  @ResolveField(() => [FineTuneEventType], { description: 'Events, oldest first.' })
  async events(
    @Ctx() context: RequestContext,
    @Parent() { computeJobId }: FineTuneJob,
    @Args('after', { type: () => Int, nullable: true, description: 'Only those after this sequence number.' })
    after?: number,
    @Args('first', { type: () => Int, nullable: true, description: 'At most 1000; 100 if left out.' }) first?: number,
  ): Promise<ComputeEvent[]> {
    if (!computeJobId) return [];
    const range = { after: after ?? 0, limit: slice(first) };
    return this.database.read(context.scope, (tx) => this.history.events(tx, computeJobId, range));
  }

  @ResolveField(() => [FineTuneMetricPointType], {
    description: 'Metrics in the order they came about: a step that was run again comes again, with a higher number.',
  })
  async metrics(
    @Ctx() context: RequestContext,
    @Parent() { computeJobId }: FineTuneJob,
    @Args('after', { type: () => Int, nullable: true, description: 'Only those after this sequence number.' })
    after?: number,
    @Args('first', { type: () => Int, nullable: true, description: 'At most 1000; 100 if left out.' }) first?: number,
  ): Promise<ComputeMetric[]> {
    if (!computeJobId) return [];
    const range = { after: after ?? 0, limit: slice(first) };
    return this.database.read(context.scope, (tx) => this.history.metrics(tx, computeJobId, range));
  }

  @ResolveField(() => [FineTuneMetricPointType], { description: 'Whole curves, by name and step.' })
  async metricSeries(
    @Ctx() context: RequestContext,
    @Parent() { computeJobId }: FineTuneJob,
    @Args('names', { type: () => [String], nullable: true, description: 'Only these curves.' }) names?: string[],
  ): Promise<ComputeMetric[]> {
    if (!computeJobId) return [];
    return this.database.read(context.scope, (tx) => this.history.series(tx, computeJobId, names));
  }

  @ResolveField(() => FineTuneLogChunkType, {
    nullable: true,
    description: "A piece of the trainer's output, by attempt and offset; null for an attempt that there is not.",
  })
  async log(
    @Ctx() context: RequestContext,
    @Parent() { computeJobId }: FineTuneJob,
    @Args('attempt', { type: () => Int, description: 'Which attempt, from 1.' }) attempt: number,
    @Args('offset', { type: () => Int, nullable: true, description: 'In bytes; `nextOffset` of the piece before.' })
    offset?: number,
  ): Promise<LogChunk | null> {
    if (!computeJobId) return null;
    const range = { attempt, offset: offset ?? 0 };
    return this.history.log((work) => this.database.read(context.scope, work), computeJobId, range);
  }
}

function slice(first?: number): number {
  return Math.min(Math.max(first ?? 100, 1), LARGEST_SLICE);
}
