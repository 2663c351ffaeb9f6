import { Inject } from '@nestjs/common';
import { Args, GraphQLISODateTime, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CatalogService } from '#libs/catalog';
import { ComputeService } from '#libs/compute';
import { ContentEndType } from '#libs/contracts/graphql';
import {
  estimateFinish,
  type FineTuneJob,
  type FineTuneQuote,
  type FineTuneRequest,
  FineTuningService,
  findJobs,
  type JobProgress,
  listJobs,
  progressOfJob,
} from '#libs/fine-tuning';
import { authorize } from '#libs/identity';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import {
  ConnectionArgs,
  Ctx,
  MoneyType,
  MutationRunner,
  NodeLoader,
  projectOfNode,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import {
  CreateFineTuneJobInput,
  FineTuneJobInput,
  FineTuneJobPayload,
  FineTuneQuoteInput,
} from './fine-tuning.inputs.js';
import {
  FineTuneJobConnection,
  FineTuneJobStatus,
  FineTuneJobType,
  FineTuneProgressType,
  FineTuneQuoteType,
} from './fine-tuning.types.js';

@Resolver(() => FineTuneJobType)
export class FineTuneJobResolver {
  constructor(
    private readonly database: Database,
    private readonly mutations: MutationRunner,
    private readonly fineTuning: FineTuningService,
    private readonly catalog: CatalogService,
    private readonly compute: ComputeService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @NodeLoader('ftjob', 'FineTuneJob')
  load(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: 'jobs:read',
      find: (tx) => findJobs(tx, ids),
    });
  }

  @Query(() => FineTuneJobConnection, { description: 'Fine-tune jobs, newest first.' })
  async fineTuneJobs(
    @Ctx() context: RequestContext,
    @Args() page: ConnectionArgs,
    @Args('projectId', { type: () => ID, nullable: true, description: 'Of one project; absent: of all you may see.' })
    projectId?: string,
    @Args('status', { type: () => [FineTuneJobStatus], nullable: true, description: 'In any of these states.' })
    status?: FineTuneJobStatus[],
    @Args('model', { nullable: true, description: 'Started from this checkpoint (id or name).' }) model?: string,
  ) {
    authorize(context.principal, 'jobs:read', { projectId });
    return this.database.read(context.scope, async (tx) => {
      const parentCheckpointId = model && (await this.catalog.getVisible(tx, model)).id;
      return listJobs(tx, { projectId, status, parentCheckpointId }, page);
    });
  }

  @Query(() => FineTuneQuoteType, {
    description:
      'What a job would take and cost. Its file has to be validated for the checkpoint first: prepareDataset. Needs jobs:write.',
  })
  async fineTuneQuote(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'The job.' }) input: FineTuneQuoteInput,
  ): Promise<Partial<FineTuneQuoteType>> {
    authorize(context.principal, 'jobs:write', { projectId: input.projectId });
    return quoteFields(await this.database.read(context.scope, (tx) => this.fineTuning.quote(tx, requestOf(input))));
  }

  @Mutation(() => FineTuneJobPayload, {
    description:
      'Queues a fine-tune job. Its file is validated first, if it was not; then it is priced and reserved for. Needs jobs:write.',
  })
  createFineTuneJob(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'The job.' }) input: CreateFineTuneJobInput,
  ) {
    const { projectId } = input;
    return this.mutations.run(
      context,
      { name: 'createFineTuneJob', permission: 'jobs:write', projectId, input },
      async (tx) => {
        const { metadata, costCapNanos } = input;
        const job = await this.fineTuning.create(tx, { ...requestOf(input), metadata, costCapNanos });
        return { fineTuneJob: job.id };
      },
    );
  }

  @Mutation(() => FineTuneJobPayload, {
    description: 'Ends a job. What was trained is billed; intermediate checkpoints stay. Needs jobs:write.',
  })
  cancelFineTuneJob(@Ctx() context: RequestContext, @Args('input', { description: 'Which.' }) input: FineTuneJobInput) {
    return this.move(context, 'cancelFineTuneJob', input, 'cancel');
  }

  @Mutation(() => FineTuneJobPayload, {
    description: 'Saves a job and frees its place on the cluster until it is resumed. Needs jobs:write.',
  })
  pauseFineTuneJob(@Ctx() context: RequestContext, @Args('input', { description: 'Which.' }) input: FineTuneJobInput) {
    return this.move(context, 'pauseFineTuneJob', input, 'pause');
  }

  @Mutation(() => FineTuneJobPayload, {
    description: 'Queues a paused job again; it goes on where it was saved. Needs jobs:write.',
  })
  resumeFineTuneJob(@Ctx() context: RequestContext, @Args('input', { description: 'Which.' }) input: FineTuneJobInput) {
    return this.move(context, 'resumeFineTuneJob', input, 'resume');
  }

  @ResolveField(() => FineTuneProgressType, { nullable: true, description: 'What the trainer said last; null before.' })
  async progress(@Ctx() context: RequestContext, @Parent() job: FineTuneJob): Promise<JobProgress | null> {
    return progressOfJob(job, (await this.computeJob(context, job))?.progress ?? null);
  }

  @ResolveField(() => Int, {
    nullable: true,
    description:
      'Whose turn it is, among the jobs of everybody that wait for a place on the cluster: 1 is next. Null unless it waits there.',
  })
  async queuePosition(
    @Ctx() context: RequestContext,
    @Parent() { status, computeJobId }: FineTuneJob,
  ): Promise<number | null> {
    if (status !== 'queued' || !computeJobId) return null;
    return context
      .batched('FineTuneJob.queuePosition', {}, async (ids) => {
        const turns = await this.database.read(context.scope, (tx) => this.compute.turns(tx, ids));
        return ids.map((id) => turns.get(id) ?? null);
      })
      .load(computeJobId);
  }

  @ResolveField(() => GraphQLISODateTime, {
    nullable: true,
    description:
      'When it will be over, as estimated now: by its plan until its trainer has a pace to tell from. Null once it is over, and while it is paused.',
  })
  async estimatedFinishAt(@Ctx() context: RequestContext, @Parent() job: FineTuneJob): Promise<Date | null> {
    const progress = (await this.computeJob(context, job))?.progress ?? null;
    return estimateFinish(job, progress, this.clock.now());
  }

  @ResolveField()
  removal(@Parent() { removal }: FineTuneJob): ContentEndType | null {
    return ContentEndType.of(removal);
  }

  @ResolveField(() => MoneyType, { nullable: true })
  hardCap(@Parent() { quotedNanos, currency }: FineTuneJob): MoneyType | null {
    return quotedNanos === null ? null : MoneyType.of(quotedNanos, currency);
  }

  @ResolveField(() => MoneyType, { nullable: true })
  cost(@Parent() { costNanos, currency }: FineTuneJob): MoneyType | null {
    return costNanos === null ? null : MoneyType.of(costNanos, currency);
  }

  private async move(
    context: RequestContext,
    name: string,
    input: FineTuneJobInput,
    act: 'cancel' | 'pause' | 'resume',
  ) {
    const projectId = await projectOfNode(context, input.fineTuneJobId);
    return this.mutations.run(context, { name, permission: 'jobs:write', projectId, input }, async (tx) => {
      const job = await this.fineTuning[act](tx, input.fineTuneJobId);
      return { fineTuneJob: job.id };
    });
  }

  private computeJob(context: RequestContext, { computeJobId }: FineTuneJob) {
    if (!computeJobId) return null;
    const read = (ids: readonly string[]) => this.database.read(context.scope, (tx) => this.compute.find(tx, ids));
    return context
      .batched('FineTuneJob.compute', {}, async (ids) => {
        const jobs = await read(ids);
        return ids.map((id) => jobs.find((job) => job.id === id) ?? null);
      })
      .load(computeJobId);
  }
}

function requestOf(input: FineTuneQuoteInput): FineTuneRequest {
  const { projectId, model, trainingFileId, validationFileId, suffix, seed, hyperparameters, dataPolicy } = input;
  return { projectId, model, trainingFileId, validationFileId, suffix, seed, hyperparameters, dataPolicy };
}

function quoteFields({ preparation, quote, refusingCapId }: FineTuneQuote): Partial<FineTuneQuoteType> {
  const preparationId = preparation?.id ?? null;
  if (!quote) return { ready: false, preparationId };
  const { steps, tokens, estimatedSeconds, priceNanos, currency, recipe } = quote;
  const price = MoneyType.of(priceNanos, currency);
  return { ready: true, preparationId, steps, tokens, estimatedSeconds, recipe, price, hardCap: price, refusingCapId };
}
