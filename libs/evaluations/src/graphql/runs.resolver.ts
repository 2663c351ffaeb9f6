import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ComputeService } from '#libs/compute';
import { ContentEndType } from '#libs/contracts/graphql';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  Ctx,
  MoneyType,
  MutationRunner,
  NodeLoader,
  PresignedRequestType,
  projectOfNode,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import { ObjectStore } from '#platform/storage';
import { findRuns, pageOfRuns, pagesOfResultsByRun } from '../evaluations.repository.js';
import { EvaluationsService } from '../evaluations.service.js';
import type { EvaluationRun } from '../run.js';
import { evaluationRunStates } from '../run.state.js';
import { CancelEvaluationRunInput, CreateEvaluationRunInput, EvaluationRunPayload } from './evaluations.inputs.js';
import {
  EvaluationProgressType,
  EvaluationResultConnection,
  EvaluationRunConnection,
  EvaluationRunType,
  type EvaluationScoreType,
  ResultPageArgs,
  RunPageArgs,
} from './runs.types.js';

@Resolver(() => EvaluationRunType)
export class RunsResolver {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly mutations: MutationRunner,
    private readonly evaluations: EvaluationsService,
    private readonly compute: ComputeService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('evalrun', 'EvaluationRun')
  loadRuns(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: 'evaluations:read',
      find: (tx) => findRuns(tx, ids),
    });
  }

  @Query(() => EvaluationRunConnection, {
    description: 'Evaluation runs, newest first. Needs the permission evaluations:read.',
  })
  evaluationRuns(@Ctx() context: RequestContext, @Args() { projectId, checkpointId, ...args }: RunPageArgs) {
    this.authorizer.authorize(context.principal, 'evaluations:read', { projectId });
    return this.database.read(context.scope, (tx) => pageOfRuns(tx, { projectId, checkpointId }, args));
  }

  @ResolveField()
  score(@Parent() { summary }: EvaluationRun): EvaluationScoreType | null {
    if (!summary) return null;
    const { metric, n, score, standard_error, mean_loss, cut, prompt_tokens, output_tokens, seconds } = summary;
    return {
      metric,
      examples: n,
      score,
      standardError: standard_error,
      meanLoss: mean_loss,
      cut,
      promptTokens: prompt_tokens,
      outputTokens: output_tokens,
      seconds,
    };
  }

  @ResolveField()
  removal(@Parent() { removal }: EvaluationRun): ContentEndType | null {
    return ContentEndType.of(removal);
  }

  @ResolveField()
  failure(@Parent() { error }: EvaluationRun): EvaluationRun['error'] {
    return error;
  }

  @ResolveField()
  cost(@Parent() { costNanos, currency }: EvaluationRun): MoneyType | null {
    return costNanos === null ? null : MoneyType.of(costNanos, currency);
  }

  @ResolveField()
  async progress(@Ctx() context: RequestContext, @Parent() run: EvaluationRun): Promise<EvaluationProgressType | null> {
    if (!run.computeJobId || evaluationRunStates.isTerminal(run.status)) return null;
    return context
      .batched('EvaluationRun.progress', {}, (ids) =>
        this.database.read(context.scope, async (tx) => {
          const jobs = new Map((await this.compute.find(tx, ids)).map((job) => [job.id, job.progress]));
          return ids.map((id) => jobs.get(id) ?? null);
        }),
      )
      .load(run.computeJobId);
  }

  @ResolveField(() => EvaluationResultConnection, { description: 'Every example’s result, in the order of the suite.' })
  results(@Ctx() context: RequestContext, @Parent() run: EvaluationRun, @Args() args: ResultPageArgs) {
    const { scoreAtMost, ...page } = args;
    return context
      .batched('EvaluationRun.results', args, (ids) =>
        this.database.read(context.scope, (tx) => pagesOfResultsByRun(tx, ids, page, { scoreAtMost })),
      )
      .load(run.id);
  }

  @ResolveField(() => PresignedRequestType, {
    nullable: true,
    description:
      'Fetches all results as JSONL, exactly as they were measured; null unless it SUCCEEDED, and once they were removed.',
  })
  resultsFile(@Parent() { output, id, removal }: EvaluationRun) {
    if (removal) return null;
    return output && this.store.presignGet(`${output.keyPrefix}results.jsonl`, { filename: `${id}.jsonl` });
  }

  @Mutation(() => EvaluationRunPayload, {
    description:
      'Runs a suite on a checkpoint. The tokens it reads and writes are billed when it succeeds. Needs the permission evaluations:write.',
  })
  async createEvaluationRun(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What to run on what.' }) input: CreateEvaluationRunInput,
  ) {
    const projectId = await projectOfNode(context, input.suiteId);
    const options = { name: 'createEvaluationRun', permission: 'evaluations:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => ({
      run: (await this.evaluations.createRun(tx, input)).id,
    }));
  }

  @Mutation(() => EvaluationRunPayload, { description: 'Gives a run up. Needs the permission evaluations:write.' })
  async cancelEvaluationRun(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'Which run.' }) input: CancelEvaluationRunInput,
  ) {
    const projectId = await projectOfNode(context, input.runId);
    const options = { name: 'cancelEvaluationRun', permission: 'evaluations:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.evaluations.cancelRun(tx, input.runId);
      return { run: input.runId };
    });
  }
}
