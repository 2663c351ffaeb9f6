import { Inject } from '@nestjs/common';
import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { EvaluationMetric } from '#libs/messages';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, type RequestContext } from '#platform/graphql';
import { pageOfComparedExamples } from '../evaluations.repository.js';
import { EvaluationsService } from '../evaluations.service.js';
import { ComparedExampleConnection, ComparedPageArgs, EvaluationComparisonType } from './runs.types.js';

interface Compared {
  baseline: string;
  candidate: string;
  metric: EvaluationMetric;
}

@Resolver(() => EvaluationComparisonType)
export class ComparisonResolver {
  constructor(
    private readonly database: Database,
    private readonly evaluations: EvaluationsService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @Query(() => EvaluationComparisonType, {
    description: 'Compares two runs of one suite that have succeeded. Needs the permission evaluations:read.',
  })
  compareEvaluationRuns(
    @Ctx() context: RequestContext,
    @Args('baselineId', { type: () => ID, description: 'The run to compare with.' }) baselineId: string,
    @Args('candidateId', { type: () => ID, description: 'The run to compare.' }) candidateId: string,
  ) {
    this.authorizer.authorize(context.principal, 'evaluations:read');
    return this.database.read(context.scope, async (tx) => ({
      ...(await this.evaluations.compare(tx, { baselineId, candidateId })),
      baseline: baselineId,
      candidate: candidateId,
    }));
  }

  @ResolveField(() => ComparedExampleConnection, {
    description: 'The examples side by side, in the order of the suite.',
  })
  pairs(@Ctx() context: RequestContext, @Parent() compared: Compared, @Args() { outcome, ...args }: ComparedPageArgs) {
    const { baseline: baselineId, candidate: candidateId, metric } = compared;
    const runs = { baselineId, candidateId, metric, outcome: outcome ?? null };
    return this.database.read(context.scope, (tx) => pageOfComparedExamples(tx, runs, args));
  }
}
