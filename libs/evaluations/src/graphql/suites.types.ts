import { ArgsType, Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ContentEndType } from '#libs/contracts/graphql';
import { DatasetVersionType } from '#libs/datasets/graphql';
import { BigIntScalar, ConnectionArgs, connectionOf, NodeType } from '#platform/graphql';
import type { EvaluationSuite } from '../suite.js';

export enum EvaluationMetric {
  EXACT_MATCH = 'exact_match',
  CONTAINS = 'contains',
  LOSS = 'loss',
}
registerEnumType(EvaluationMetric, {
  name: 'EvaluationMetric',
  description: 'How an answer is judged.',
  valuesMap: {
    EXACT_MATCH: { description: 'The greedy answer equals the expected one: 1, else 0.' },
    CONTAINS: { description: 'The greedy answer contains the expected one: 1, else 0.' },
    LOSS: { description: 'Mean negative log-likelihood per token of the expected answer: lower is better.' },
  },
});

export enum EvaluationSuiteStatus {
  BUILDING = 'building',
  READY = 'ready',
  INVALID = 'invalid',
}
registerEnumType(EvaluationSuiteStatus, {
  name: 'EvaluationSuiteStatus',
  description: 'How far a suite is.',
  valuesMap: {
    BUILDING: { description: 'Its rows are being brought into their form.' },
    READY: { description: 'It can be run.' },
    INVALID: { description: 'Its rows can’t be used: the problem says why.' },
  },
});

export enum SplitPart {
  TRAIN = 'train',
  VALIDATION = 'validation',
}
registerEnumType(SplitPart, {
  name: 'SplitPart',
  description: 'A side of a split.',
  valuesMap: {
    TRAIN: { description: 'The rows that are trained on.' },
    VALIDATION: { description: 'The rows that are set apart.' },
  },
});

@ObjectType('DataSplitRule', { description: 'A side of the split that preparation makes by this fraction and seed.' })
export class DataSplitRuleType {
  @Field(() => SplitPart, { description: 'Which side.' }) part!: 'train' | 'validation';
  @Field(() => Float, { description: 'Share of rows set apart.' }) fraction!: number;
  @Field(() => Int, { description: 'Chooses them.' }) seed!: number;
}

@ObjectType('EvaluationSuiteProblem', { description: 'Why the rows of a suite can’t be used.' })
export class EvaluationSuiteProblemType {
  @Field({ description: 'Stable, SCREAMING_SNAKE_CASE.' }) code!: string;
  @Field({ description: 'What is wrong, with the row, and what to do.' }) message!: string;
}

@ObjectType('EvaluationSuite', {
  implements: () => [NodeType],
  description:
    'Prompts with expected answers, and how an answer is judged. Immutable: runs of one suite are comparable.',
})
export class EvaluationSuiteType extends NodeType implements Omit<EvaluationSuite, 'objectKey' | 'source' | 'removal'> {
  @Field(() => ID, { description: 'The project it belongs to.' }) projectId!: string;
  @Field({ description: 'Unique in the project.' }) name!: string;
  @Field({ description: 'For people.' }) description!: string;
  @Field(() => EvaluationMetric, { description: 'How an answer is judged.' }) metric!: EvaluationSuite['metric'];
  @Field(() => Int, { description: 'Longest answer in tokens.' }) maxNewTokens!: number;
  @Field(() => EvaluationSuiteStatus, { description: 'How far it is.' }) status!: EvaluationSuite['status'];
  @Field(() => EvaluationSuiteProblemType, { nullable: true, description: 'Why it can’t be used.' })
  problem!: EvaluationSuiteProblemType | null;
  @Field(() => DatasetVersionType, {
    nullable: true,
    description: 'Where its rows come from; null if they came with the request.',
  })
  datasetVersion?: DatasetVersionType | null;
  @Field(() => DataSplitRuleType, { nullable: true, description: 'Which of its rows; null for all.' })
  split?: DataSplitRuleType | null;
  @Field(() => Int, { nullable: true, description: 'How many rows; null until it is READY.' }) rowCount!: number | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Length of the rows as JSONL.' }) bytes!: number | null;
  @Field(() => String, { nullable: true, description: 'Hash of the rows: equal rows have equal hashes.' })
  sha256!: string | null;
  @Field({ description: 'When it was made.' }) createdAt!: Date;
  @Field(() => ID, { description: 'Who made it.' }) createdBy!: string;
  @Field(() => ContentEndType, {
    nullable: true,
    description: 'Where a clause of a contract removed its rows: when, and which.',
  })
  removal?: ContentEndType | null;
}

export const { Connection: EvaluationSuiteConnection } = connectionOf(EvaluationSuiteType, 'EvaluationSuite');

@ArgsType()
export class SuitePageArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only this project; otherwise all that the caller may see.' })
  projectId?: string;
}
