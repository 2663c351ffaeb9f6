import { Args, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import {
  type ComputeCurves,
  type ComputeEvent,
  ComputeHistory,
  type ComputeMetric,
  type HistoryRange,
  type LogChunk,
} from '#libs/compute';
import type { FineTuneJob } from '#libs/fine-tuning';
import { Database, type Transaction } from '#platform/database';
import { Ctx, type RequestContext } from '#platform/graphql';
import {
  FineTuneAttemptType,
  FineTuneEventType,
  FineTuneJobType,
  FineTuneLogChunkType,
  FineTuneMetricPointType,
} from './fine-tuning.types.js';
import { FineTuneCurvesArgs, FineTuneCurvesType, FineTuneSeriesArgs } from './fine-tuning-curves.types.js';

const LARGEST_SLICE = 1_000;

/** What happened to a job, by number: a follower asks for what came after the last one it has. */
@Resolver(() => FineTuneJobType)
export class FineTuneHistoryResolver {
  constructor(
    private readonly database: Database,
    private readonly history: ComputeHistory,
  ) {}

  @ResolveField(() => [FineTuneAttemptType], { description: 'Runs of the trainer, in order.' })
  async attempts(@Ctx() context: RequestContext, @Parent() job: FineTuneJob): Promise<FineTuneAttemptType[]> {
    const attempts = await this.ofJob(context, job, 'attempts', {}, (tx, ids) => this.history.attempts(tx, ids));
    return attempts?.map((attempt) => ({ ...attempt, resumedFromStep: attempt.resume?.step ?? null })) ?? [];
  }

  @ResolveField(() => [FineTuneEventType], { description: 'Events, oldest first.' })
  async events(
    @Ctx() context: RequestContext,
    @Parent() job: FineTuneJob,
    @Args('after', { type: () => Int, nullable: true, description: 'Only those after this sequence number.' })
    after?: number,
    @Args('first', { type: () => Int, nullable: true, description: 'At most 1000; 100 if left out.' }) first?: number,
  ): Promise<ComputeEvent[]> {
    const range = rangeOf(after, first);
    return (await this.ofJob(context, job, 'events', range, (tx, ids) => this.history.events(tx, ids, range))) ?? [];
  }

  @ResolveField(() => [FineTuneMetricPointType], {
    description: 'Metrics in the order they came about: a step that was run again comes again, with a higher number.',
  })
  async metrics(
    @Ctx() context: RequestContext,
    @Parent() job: FineTuneJob,
    @Args('after', { type: () => Int, nullable: true, description: 'Only those after this sequence number.' })
    after?: number,
    @Args('first', { type: () => Int, nullable: true, description: 'At most 1000; 100 if left out.' }) first?: number,
  ): Promise<ComputeMetric[]> {
    const range = rangeOf(after, first);
    return (await this.ofJob(context, job, 'metrics', range, (tx, ids) => this.history.metrics(tx, ids, range))) ?? [];
  }

  @ResolveField(() => [FineTuneMetricPointType], {
    description: 'Curves by name and step: every point in the range, or with `buckets` those that `curves` would give.',
  })
  async metricSeries(
    @Ctx() context: RequestContext,
    @Parent() job: FineTuneJob,
    @Args() range: FineTuneSeriesArgs,
  ): Promise<ComputeMetric[]> {
    return (await this.ofJob(context, job, 'series', range, (tx, ids) => this.history.series(tx, ids, range))) ?? [];
  }

  @ResolveField(() => FineTuneCurvesType, {
    description:
      'Curves to draw, as lists of numbers. A curve of more points than `buckets` is cut into stretches of equally many steps, of which the first, last, lowest and highest point are kept; ask for a part of it to see more.',
  })
  async curves(
    @Ctx() context: RequestContext,
    @Parent() job: FineTuneJob,
    @Args() range: FineTuneCurvesArgs,
  ): Promise<ComputeCurves> {
    const curves = await this.ofJob(context, job, 'curves', range, (tx, ids) => this.history.curves(tx, ids, range));
    return curves ?? { sequence: 0, curves: [] };
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
    const inTransaction = <T>(work: (tx: Transaction) => Promise<T>) => this.database.read(context.scope, work);
    return context
      .batched('FineTuneJob.log', range, (ids) => this.history.logs(inTransaction, ids, range))
      .load(computeJobId);
  }

  /** Read together for all jobs of the operation; null before the job is on the cluster. */
  private async ofJob<T>(
    context: RequestContext,
    { computeJobId }: FineTuneJob,
    field: string,
    args: object,
    read: (tx: Transaction, ids: readonly string[]) => Promise<T[]>,
  ): Promise<T | null> {
    if (!computeJobId) return null;
    return context
      .batched(`FineTuneJob.${field}`, args, (ids) => this.database.read(context.scope, (tx) => read(tx, ids)))
      .load(computeJobId);
  }
}

function rangeOf(after?: number | null, first?: number | null): HistoryRange {
  return { after: after ?? 0, limit: Math.min(Math.max(first ?? 100, 1), LARGEST_SLICE) };
}
