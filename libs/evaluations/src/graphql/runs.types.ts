import { ArgsType, Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { CheckpointType } from '#libs/catalog/graphql';
import { ContentEndType } from '#libs/contracts/graphql';
import { BigIntScalar, ConnectionArgs, connectionOf, MoneyType, NodeField, NodeType } from '#platform/graphql';
import type { Comparison } from '../comparison.js';
import type { ComparedExample, PairOutcome } from '../evaluations.repository.js';
import type { EvaluationRun, RunResult } from '../run.js';
import { EvaluationMetric, EvaluationSuiteType } from './suites.types.js';

export enum EvaluationRunStatus {
  QUEUED = 'queued',
  RUNNING = 'running',
  SUCCEEDED = 'succeeded',
  FAILED = 'failed',
  CANCELLED = 'cancelled',
}
registerEnumType(EvaluationRunStatus, {
  name: 'EvaluationRunStatus',
  description: 'How far a run is.',
  valuesMap: {
    QUEUED: { description: 'It waits for a place.' },
    RUNNING: { description: 'At work.' },
    SUCCEEDED: { description: 'Every example has a result.' },
    FAILED: { description: 'It came to no result: the failure says why. Not billed.' },
    CANCELLED: { description: 'Somebody gave it up. Not billed.' },
  },
});

export enum PairedOutcome {
  WIN = 'win',
  LOSS = 'loss',
  TIE = 'tie',
}
registerEnumType(PairedOutcome, {
  name: 'PairedOutcome',
  description: 'How the candidate did on an example.',
  valuesMap: {
    WIN: { description: 'Better than the baseline.' },
    LOSS: { description: 'Worse than the baseline.' },
    TIE: { description: 'As well as the baseline.' },
  },
});

@ObjectType('EvaluationScore', { description: 'What a run found.' })
export class EvaluationScoreType {
  @Field(() => EvaluationMetric, { description: 'How answers were judged.' }) metric!: string;
  @Field(() => Int, { description: 'How many examples.' }) examples!: number;
  @Field(() => Float, {
    description: 'Share of examples that are right; for LOSS the mean over all expected tokens, lower is better.',
  })
  score!: number;
  @Field(() => Float, { description: 'Of the score.' }) standardError!: number;
  @Field(() => Float, { description: 'Mean negative log-likelihood per expected token.' }) meanLoss!: number;
  @Field(() => Int, { description: 'Answers that reached maxNewTokens without an end.' }) cut!: number;
  @Field(() => BigIntScalar, { description: 'Tokens of all prompts.' }) promptTokens!: number;
  @Field(() => BigIntScalar, { description: 'Tokens of all answers.' }) outputTokens!: number;
  @Field(() => Float, { description: 'How long it took, without waiting and loading.' }) seconds!: number;
}

@ObjectType('EvaluationProgress', { description: 'How far a run at work is.' })
export class EvaluationProgressType {
  @Field({ description: 'Such as downloading, loading, evaluating, uploading.' }) stage!: string;
  @Field(() => Int, { description: 'Examples while evaluating; bytes in other stages.' }) step!: number;
  @Field(() => Int, { description: 'Of how many.' }) totalSteps!: number;
}

@ObjectType('EvaluationFailure', { description: 'Why a run failed.' })
export class EvaluationFailureType {
  @Field({ description: 'Stable.' }) code!: string;
  @Field({ description: 'Why.' }) message!: string;
}

@ObjectType('EvaluationResult', { description: 'One example’s result.' })
export class EvaluationResultType implements RunResult {
  @Field(() => Int, { description: 'Row of the suite, from 0.' }) example!: number;
  @Field({ description: 'The text the model was given, template included.' }) prompt!: string;
  @Field({ description: 'What was expected.' }) expected!: string;
  @Field(() => String, { nullable: true, description: 'The greedy answer; null for LOSS.' }) output!: string | null;
  @Field(() => Float, { description: '1 or 0; for LOSS the loss.' }) score!: number;
  @Field(() => Float, { description: 'Mean negative log-likelihood per expected token.' }) loss!: number;
  @Field(() => Int, { description: 'Tokens of the expected answer.' }) expectedTokens!: number;
  @Field(() => Int, { description: 'Tokens of the answer.' }) outputTokens!: number;
  @Field({ description: 'The answer reached maxNewTokens without an end.' }) cut!: boolean;
}

export const { Connection: EvaluationResultConnection } = connectionOf(EvaluationResultType, 'EvaluationResult');

@ArgsType()
export class ResultPageArgs extends ConnectionArgs {
  @Field(() => Float, { nullable: true, description: 'Only examples with at most this score; 0 for what went wrong.' })
  scoreAtMost?: number;
}

@ObjectType('EvaluationRun', { implements: () => [NodeType], description: 'A suite on a checkpoint.' })
export class EvaluationRunType extends NodeType {
  @Field(() => ID, { description: 'The project it belongs to.' }) projectId!: string;
  suiteId!: string;
  @NodeField(() => EvaluationSuiteType, { from: 'suiteId', description: 'What is measured.' })
  suite?: EvaluationSuiteType | null;
  checkpointId!: string;
  @NodeField(() => CheckpointType, { from: 'checkpointId', description: 'Null when it can no longer be seen.' })
  checkpoint?: CheckpointType | null;
  @Field({ description: 'The name of the checkpoint when the run was asked for.' }) checkpointName!: string;
  @Field(() => EvaluationRunStatus, { description: 'How far it is.' }) status!: EvaluationRun['status'];
  @Field(() => EvaluationProgressType, { nullable: true, description: 'What is being done; null when nothing is.' })
  progress?: EvaluationProgressType | null;
  @Field(() => EvaluationScoreType, { nullable: true, description: 'What it found; null unless it SUCCEEDED.' })
  score?: EvaluationScoreType | null;
  @Field(() => EvaluationFailureType, { nullable: true, description: 'Why it FAILED.' })
  failure?: EvaluationFailureType | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Tokens that are billed; null unless it SUCCEEDED.' })
  evaluationTokens!: number | null;
  @Field(() => MoneyType, { nullable: true, description: 'What they cost at the prices of when it was accepted.' })
  cost?: MoneyType | null;
  @Field(() => ID, { nullable: true, description: 'The compute job that does it.' }) computeJobId!: string | null;
  @Field({ description: 'When it was asked for.' }) createdAt!: Date;
  @Field(() => ID, { description: 'Who asked for it.' }) createdBy!: string;
  @Field(() => Date, { nullable: true, description: 'When it began.' }) startedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it ended.' }) endedAt!: Date | null;
  @Field(() => ContentEndType, {
    nullable: true,
    description: 'Where a clause of a contract removed its answers: when, and which.',
  })
  removal?: ContentEndType | null;
}

export const { Connection: EvaluationRunConnection } = connectionOf(EvaluationRunType, 'EvaluationRun');

@ArgsType()
export class RunPageArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only this project; otherwise all that the caller may see.' })
  projectId?: string;
  @Field(() => ID, { nullable: true, description: 'Only runs on this checkpoint.' }) checkpointId?: string;
}

@ObjectType('ComparedExample', { description: 'One example of two runs.' })
export class ComparedExampleType implements ComparedExample {
  @Field(() => Int, { description: 'Row of the suite, from 0.' }) example!: number;
  @Field(() => PairedOutcome, { description: 'How the candidate did.' }) outcome!: PairOutcome;
  @Field({ description: 'The text both were given.' }) prompt!: string;
  @Field({ description: 'What was expected.' }) expected!: string;
  @Field(() => String, { nullable: true, description: 'The baseline’s answer; null for LOSS.' })
  baselineOutput!: string | null;
  @Field(() => String, { nullable: true, description: 'The candidate’s answer; null for LOSS.' })
  candidateOutput!: string | null;
  @Field(() => Float, { description: 'The baseline’s score.' }) baselineScore!: number;
  @Field(() => Float, { description: 'The candidate’s score.' }) candidateScore!: number;
}

export const { Connection: ComparedExampleConnection } = connectionOf(ComparedExampleType, 'ComparedExample');

@ObjectType('EvaluationComparison', { description: 'How two runs of one suite differ, example by example.' })
export class EvaluationComparisonType implements Comparison {
  @NodeField(() => EvaluationRunType, { description: 'What is compared with.' }) baseline?: EvaluationRunType | null;
  @NodeField(() => EvaluationRunType, { description: 'What is compared.' }) candidate?: EvaluationRunType | null;
  @Field(() => Int, { description: 'How many examples.' }) examples!: number;
  @Field(() => Int, { description: 'Examples on which the candidate is better.' }) wins!: number;
  @Field(() => Int, { description: 'Examples on which it is worse.' }) losses!: number;
  @Field(() => Int, { description: 'Examples on which both do as well.' }) ties!: number;
  @Field(() => Float, { description: 'Mean over examples of candidate minus baseline.' }) meanDifference!: number;
  @Field(() => Float, { description: 'Of the mean difference, from the paired examples.' }) standardError!: number;
  @Field(() => Float, {
    description: 'Sign test, two-sided: how likely a split as uneven is if both are equally good.',
  })
  signTestP!: number;
}

@ArgsType()
export class ComparedPageArgs extends ConnectionArgs {
  @Field(() => PairedOutcome, { nullable: true, description: 'Only examples that came out so.' })
  outcome?: PairOutcome;
}
