import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ContentEndType } from '#libs/contracts/graphql';
import type { DatasetVersionType } from '#libs/datasets/graphql';
import { ProjectService } from '#libs/identity';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  ConnectionArgs,
  Ctx,
  MutationRunner,
  NodeLoader,
  PresignedRequestType,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import { ObjectStore } from '#platform/storage';
import { findSuites, pageOfSuites, pagesOfRunsBySuite } from '../evaluations.repository.js';
import { EvaluationsService } from '../evaluations.service.js';
import type { EvaluationSuite } from '../suite.js';
import { CreateEvaluationSuiteInput, CreateEvaluationSuitePayload } from './evaluations.inputs.js';
import { EvaluationRunConnection } from './runs.types.js';
import { EvaluationSuiteConnection, EvaluationSuiteType, SuitePageArgs } from './suites.types.js';

@Resolver(() => EvaluationSuiteType)
export class SuitesResolver {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly mutations: MutationRunner,
    private readonly evaluations: EvaluationsService,
    private readonly projects: ProjectService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('suite', 'EvaluationSuite')
  loadSuites(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, {
      database: this.database,
      permission: 'evaluations:read',
      find: (tx) => findSuites(tx, ids),
    });
  }

  @Query(() => EvaluationSuiteConnection, {
    description: 'Evaluation suites, newest first. Needs the permission evaluations:read.',
  })
  evaluationSuites(@Ctx() context: RequestContext, @Args() { projectId, ...args }: SuitePageArgs) {
    this.authorizer.authorize(context.principal, 'evaluations:read', { projectId });
    return this.database.read(context.scope, (tx) => pageOfSuites(tx, projectId ?? null, args));
  }

  @ResolveField()
  datasetVersion(@Ctx() context: RequestContext, @Parent() { source }: EvaluationSuite) {
    return source.type === 'dataset_version' ? context.load<DatasetVersionType>(source.versionId) : null;
  }

  @ResolveField()
  split(@Parent() { source }: EvaluationSuite) {
    return source.type === 'dataset_version' ? source.split : null;
  }

  @ResolveField(() => PresignedRequestType, {
    nullable: true,
    description: 'Fetches the rows as JSONL; null until it is READY, and once they were removed.',
  })
  rows(@Parent() { status, objectKey, name, removal }: EvaluationSuite) {
    return status === 'ready' && !removal ? this.store.presignGet(objectKey, { filename: `${name}.jsonl` }) : null;
  }

  @ResolveField()
  removal(@Parent() { removal }: EvaluationSuite): ContentEndType | null {
    return ContentEndType.of(removal);
  }

  @ResolveField(() => EvaluationRunConnection, { description: 'Its runs, newest first.' })
  runs(@Ctx() context: RequestContext, @Parent() suite: EvaluationSuite, @Args() args: ConnectionArgs) {
    return context
      .batched('EvaluationSuite.runs', args, (ids) =>
        this.database.read(context.scope, (tx) => pagesOfRunsBySuite(tx, ids, args)),
      )
      .load(suite.id);
  }

  @Mutation(() => CreateEvaluationSuitePayload, {
    description: 'Makes a suite. Needs the permission evaluations:write.',
  })
  createEvaluationSuite(
    @Ctx() context: RequestContext,
    @Args('input', { description: 'What to make.' }) input: CreateEvaluationSuiteInput,
  ) {
    const { projectId, dataset } = input;
    const options = { name: 'createEvaluationSuite', permission: 'evaluations:write', projectId, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.projects.require(tx, projectId);
      const split = dataset?.split && { ...dataset.split, seed: dataset.split.seed ?? 0 };
      const suite = await this.evaluations.createSuite(tx, { ...input, dataset: dataset && { ...dataset, split } });
      return { suite: suite.id };
    });
  }
}
