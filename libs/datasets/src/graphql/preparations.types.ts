import { Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { CheckpointType } from '#libs/catalog/graphql';
import type { DataError, PreparationPolicy } from '#libs/messages';
import { BigIntScalar, connectionOf, NodeField, NodeType } from '#platform/graphql';
import type { Preparation } from '../preparation.js';
import { DatasetVersionType } from './datasets.types.js';

export enum PreparationStatus {
  PENDING = 'pending',
  READY = 'ready',
  INVALID = 'invalid',
  FAILED = 'failed',
}
registerEnumType(PreparationStatus, {
  name: 'PreparationStatus',
  description: 'How far a preparation is.',
  valuesMap: {
    PENDING: { description: 'At work.' },
    READY: { description: 'Training can read it.' },
    INVALID: { description: 'The data is at fault: the report names every line.' },
    FAILED: { description: 'It came to no result; the data is not known to be at fault. Prepare it again.' },
  },
});

export enum OverLongPolicy {
  REJECT = 'reject',
  DROP = 'drop',
  TRUNCATE = 'truncate',
}
registerEnumType(OverLongPolicy, {
  name: 'OverLongPolicy',
  description: 'What happens to rows with more than maxTokens tokens. Never in silence: the report counts them.',
  valuesMap: {
    REJECT: { description: 'They are errors.' },
    DROP: { description: 'They are left out.' },
    TRUNCATE: { description: 'They are cut.' },
  },
});

export enum DataSource {
  DATASET = 'dataset',
  VALIDATION = 'validation',
}
registerEnumType(DataSource, {
  name: 'DataSource',
  description: 'Which of the two files.',
  valuesMap: { DATASET: { description: 'The training file.' }, VALIDATION: { description: 'The validation file.' } },
});

export enum DataSplit {
  TRAIN = 'train',
  VALIDATION = 'validation',
}
registerEnumType(DataSplit, {
  name: 'DataSplit',
  description: 'What a row is for.',
  valuesMap: { TRAIN: { description: 'Trained on.' }, VALIDATION: { description: 'Only measured on.' } },
});

@ObjectType('PreparationPolicy', { description: 'What the partner chose.' })
export class PreparationPolicyType {
  @Field(() => OverLongPolicy, { description: 'What happens to over-long rows.' })
  overLong!: PreparationPolicy['over_long'];
  @Field(() => Int, { description: 'Longest row in tokens, template included.' }) maxTokens!: number;
  @Field(() => Float, { description: 'Share of rows set apart for validation.' }) validationFraction!: number;
  @Field(() => Int, { description: 'Chooses the validation rows.' }) seed!: number;
}

@ObjectType('DataError', { description: 'One thing that is wrong with the data.' })
export class DataErrorType implements DataError {
  @Field(() => DataSource, { description: 'In which file.' }) source!: DataError['source'];
  @Field(() => Int, { description: 'From 1; 0 when the whole file is meant.' }) line!: number;
  @Field({ description: 'JSON Pointer (RFC 6901) into the line; empty for the whole line.' }) pointer!: string;
  @Field(() => String, { description: 'Stable, snake_case.' }) code!: DataError['code'];
  @Field({ description: 'What is wrong.' }) message!: string;
  @Field({ description: 'What to do about it.' }) fix!: string;
}

@ObjectType('DataErrorCount', { description: 'How often an error occurs.' })
export class DataErrorCountType {
  @Field({ description: 'Stable, snake_case.' }) code!: string;
  @Field(() => Int, { description: 'How often.' }) count!: number;
}

@ObjectType('LengthBin', { description: 'Rows longer than the bin before, and not over this one.' })
export class LengthBinType {
  @Field(() => Int, { description: 'Longest row of the bin.' }) upToTokens!: number;
  @Field(() => Int, { description: 'How many rows.' }) rows!: number;
}

@ObjectType('PreparationRows', { description: 'What became of the rows.' })
export class PreparationRowsType {
  @Field(() => Int, { description: 'Rows in the files, blank lines left out.' }) read!: number;
  @Field(() => Int, { description: 'Lines without content.' }) blankLines!: number;
  @Field(() => Int, { description: 'Rows with at least one error.' }) invalid!: number;
  @Field(() => Int, { description: 'Over-long rows left out by the policy.' }) dropped!: number;
  @Field(() => Int, { description: 'Over-long rows cut by the policy.' }) truncated!: number;
  @Field(() => Int, { description: 'Rows to train on.' }) train!: number;
  @Field(() => Int, { description: 'Rows to measure on.' }) validation!: number;
}

@ObjectType('PreparationTokens', { description: 'Exact counts, by the checkpoint’s own tokenizer and template.' })
export class PreparationTokensType {
  @Field(() => BigIntScalar, { description: 'Of one epoch, template included: what training reads and is billed.' })
  train!: number;
  @Field(() => BigIntScalar, { description: 'Of these, tokens the loss is taken on.' }) trainTrained!: number;
  @Field(() => BigIntScalar, { description: 'Of the validation rows.' }) validation!: number;
  @Field(() => BigIntScalar, { description: 'Of these, tokens the loss is taken on.' }) validationTrained!: number;
  @Field(() => Int, { description: 'Longest row before the policy was applied.' }) longestRow!: number;
  @Field(() => BigIntScalar, { description: 'Taken away by dropping and truncation.' }) removed!: number;
}

export const { Connection: DataErrorConnection } = connectionOf(DataErrorType, 'DataError');

@ObjectType('PreparationReport', { description: 'What was found in the data, and what became of it.' })
export class PreparationReportType {
  @Field(() => String, { nullable: true, description: 'openai_chat or prompt_completion; null if no row told.' })
  format!: string | null;
  @Field(() => PreparationRowsType, { description: 'What became of the rows.' }) rows!: PreparationRowsType;
  @Field(() => PreparationTokensType, { description: 'Exact token counts.' }) tokens!: PreparationTokensType;
  @Field(() => Int, { description: 'All errors, also those beyond the first 1,000, which are counted only.' })
  errorCount!: number;
  @Field(() => [DataErrorCountType], { description: 'The same by code.' }) errorCounts!: DataErrorCountType[];
  @Field(() => Int, { description: 'Rows over maxTokens.' }) overLongCount!: number;
  @Field(() => [Int], { description: 'Their lines, the first 20.' }) overLongLines!: number[];
  @Field(() => [LengthBinType], { description: 'How long the rows are.' }) lengths!: LengthBinType[];
}

@ObjectType('PreviewPiece', { description: 'A run of tokens as readable text.' })
export class PreviewPieceType {
  @Field({ description: 'Readable text of the tokens.' }) text!: string;
  @Field(() => [Int], { description: 'More than one where a character needs them all.' }) tokenIds!: number[];
  @Field({ description: 'The loss is taken on these tokens.' }) trained!: boolean;
  @Field({ description: 'A control token that the template wrote.' }) special!: boolean;
}

@ObjectType('PreviewRow', { description: 'One row as the model sees it.' })
export class PreviewRowType {
  @Field(() => Int, { description: 'From 1.' }) line!: number;
  @Field(() => DataSplit, { description: 'What the row is for.' }) split!: 'train' | 'validation';
  @Field(() => Int, { description: 'How many tokens.' }) tokens!: number;
  @Field(() => Int, { description: 'Of these, tokens the loss is taken on.' }) trainedTokens!: number;
  @Field({ description: 'Whether the policy cut it.' }) truncated!: boolean;
  @Field(() => [PreviewPieceType], { description: 'The tokens in order.' }) pieces!: PreviewPieceType[];
}

@ObjectType('PreparationFailure', { description: 'Why a preparation came to no result.' })
export class PreparationFailureType {
  @Field({ description: 'Stable.' }) code!: string;
  @Field({ description: 'Why.' }) message!: string;
}

@ObjectType('Preparation', {
  implements: () => [NodeType],
  description: 'A dataset version as training reads it: under one tokenizer, template and policy.',
})
export class PreparationType extends NodeType {
  @Field(() => ID, { description: 'The project it belongs to.' }) projectId!: string;
  versionId!: string;
  @NodeField(() => DatasetVersionType, { from: 'versionId', description: 'What is trained on.' })
  version?: DatasetVersionType | null;
  validationVersionId!: string | null;
  @NodeField(() => DatasetVersionType, { from: 'validationVersionId', description: 'What is measured on, if given.' })
  validationVersion?: DatasetVersionType | null;
  checkpointId!: string;
  @NodeField(() => CheckpointType, {
    from: 'checkpointId',
    description: 'The base checkpoint whose tokenizer and template were used.',
  })
  checkpoint?: CheckpointType | null;
  @Field({ description: 'Hash of its tokenizer.' }) tokenizerSha256!: string;
  @Field(() => String, { nullable: true, description: 'Hash of its chat template.' }) templateSha256!: string | null;
  @Field(() => PreparationPolicyType, { description: 'What the partner chose.' }) policy!: PreparationPolicyType;
  @Field(() => PreparationStatus, { description: 'How far it is.' }) status!: Preparation['status'];
  @Field(() => ID, { nullable: true, description: 'The compute job that does it.' }) computeJobId!: string | null;
  @Field(() => PreparationReportType, { nullable: true, description: 'What was found; null until it has ended.' })
  report!: PreparationReportType | null;
  @Field(() => PreparationFailureType, { nullable: true, description: 'Why it failed.' })
  failure!: PreparationFailureType | null;
  @Field({ description: 'When it was asked for.' }) createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it ended.' }) endedAt!: Date | null;
}

export const { Connection: PreparationConnection } = connectionOf(PreparationType, 'Preparation');
