import { Field, Float, GraphQLISODateTime, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { CheckpointType } from '#libs/catalog/graphql';
import { ContentEndType, SpendCapType } from '#libs/contracts/graphql';
import { DatasetVersionType, PreparationType } from '#libs/datasets/graphql';
import { BigIntScalar, connectionOf, JsonScalar, MoneyType, NodeField, NodeType } from '#platform/graphql';

export enum FineTuneJobStatus {
  VALIDATING_FILES = 'validating_files',
  QUEUED = 'queued',
  RUNNING = 'running',
  PAUSED = 'paused',
  SUCCEEDED = 'succeeded',
  FAILED = 'failed',
  CANCELLED = 'cancelled',
}
registerEnumType(FineTuneJobStatus, {
  name: 'FineTuneJobStatus',
  description: "How far a fine-tune job is, in the words of OpenAI's endpoints.",
  valuesMap: {
    VALIDATING_FILES: { description: "Its files are read with the checkpoint's own tokenizer and template." },
    QUEUED: { description: 'Accepted and reserved for; it waits for a place on the cluster.' },
    RUNNING: { description: 'A trainer is at work.' },
    PAUSED: { description: 'Saved and stopped; it can be resumed.' },
    SUCCEEDED: { description: 'Its variant is in the catalog and can be called.' },
    FAILED: { description: 'It ended without a variant; `error` says why.' },
    CANCELLED: { description: 'It was cancelled; what had been trained is billed.' },
  },
});

@ObjectType('FineTuneJobError', { description: 'Why a job failed.' })
export class FineTuneJobErrorType {
  @Field({ description: 'Stable, such as `invalid_training_file`.' }) code!: string;
  @Field({ description: 'What happened and what to do; for a bad file it names the lines.' }) message!: string;
  @Field(() => String, { nullable: true, description: 'The input at fault.' }) param!: string | null;
}

@ObjectType('FineTuneProgress', { description: 'What the trainer said last.' })
export class FineTuneProgressType {
  @Field({ description: 'Such as downloading, loading, training, uploading.' }) stage!: string;
  @Field(() => Int, { description: 'Optimizer steps while training; bytes or examples in other stages.' })
  step!: number;
  @Field(() => Int, { description: 'Of how many.' }) totalSteps!: number;
  @Field(() => BigIntScalar, { description: 'Tokens read so far by the job.' }) tokens!: bigint;
}

@ObjectType('FineTuneMetricPoint', { description: 'One value of one curve.' })
export class FineTuneMetricPointType {
  @Field({ description: 'Such as train_loss, learning_rate, grad_norm, valid_loss, tokens.' }) name!: string;
  @Field(() => Int, { description: 'Optimizer step, from 1.' }) step!: number;
  @Field(() => Float, { description: 'The value; a later attempt that runs the step again replaces it.' })
  value!: number;
  @Field(() => Float, { nullable: true, description: 'Position in the data.' }) epoch!: number | null;
  @Field(() => Int, { description: 'The attempt that ran the step.' }) attempt!: number;
  @Field(() => Int, { description: 'Give it to `after` to go on from here.' }) sequence!: number;
}

@ObjectType('FineTuneEvent', { description: 'One line of what happened to a job.' })
export class FineTuneEventType {
  @Field({ description: 'Of the event.' }) id!: string;
  @Field(() => Int, { description: 'Grows within the job: give it to `after` to go on from here.' }) sequence!: number;
  @Field(() => Int, { nullable: true, description: 'The attempt it is about.' }) attempt!: number | null;
  @Field({ description: 'state, log, checkpoint or report.' }) type!: string;
  @Field({ description: 'info, warn or error.' }) level!: string;
  @Field({ description: 'For people.' }) message!: string;
  @Field(() => GraphQLISODateTime, { description: 'When it was recorded.' }) createdAt!: Date;
}

@ObjectType('FineTuneLogChunk', { description: "A piece of an attempt's output." })
export class FineTuneLogChunkType {
  @Field(() => Int, { description: 'Of the attempt.' }) attempt!: number;
  @Field(() => Int, { description: "In bytes from the start of the attempt's log." }) offset!: number;
  @Field(() => Int, { description: 'Ask for this one next.' }) nextOffset!: number;
  @Field({ description: 'The text.' }) text!: string;
  @Field({ description: 'Nothing follows, now or later.' }) complete!: boolean;
}

@ObjectType('FineTuneAttempt', { description: 'One run of the trainer for a job.' })
export class FineTuneAttemptType {
  @Field(() => Int, { description: 'From 1: also the fencing token of what it writes.' }) number!: number;
  @Field(() => Int, { nullable: true, description: 'The step it went on after; null when it began at the start.' })
  resumedFromStep!: number | null;
  @Field(() => String, { nullable: true, description: 'How it ended; null while it runs.' }) outcome!: string | null;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When its trainer first reported.' })
  startedAt!: Date | null;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was over.' }) endedAt!: Date | null;
}

@ObjectType('FineTuneJob', {
  implements: () => [NodeType],
  description: 'Training of a variant from a checkpoint; the same job as in /v1/fine_tuning/jobs.',
})
export class FineTuneJobType extends NodeType {
  projectId!: string;
  parentCheckpointId!: string;
  trainingFileId!: string;
  validationFileId!: string | null;
  preparationId!: string | null;
  outputCheckpointId!: string | null;
  computeJobId!: string | null;
  quotedNanos!: bigint | null;
  costNanos!: bigint | null;

  @Field(() => FineTuneJobStatus, { description: 'How far it is.' }) status!: FineTuneJobStatus;
  @Field({ description: 'supervised.' }) method!: string;
  @Field(() => String, { nullable: true, description: "Part of the variant's name." }) suffix!: string | null;
  @NodeField(() => CheckpointType, { from: 'parentCheckpointId', description: 'What it starts from.' })
  parent!: CheckpointType | null;
  @NodeField(() => CheckpointType, { from: 'outputCheckpointId', description: 'The variant, once it succeeded.' })
  checkpoint!: CheckpointType | null;
  @Field(() => String, { nullable: true, description: 'What to give as `model` once it succeeded.' })
  outputName!: string | null;
  @NodeField(() => DatasetVersionType, { from: 'trainingFileId', description: 'What it is trained on.' })
  trainingFile!: DatasetVersionType | null;
  @NodeField(() => DatasetVersionType, { from: 'validationFileId', description: 'What it is measured on.' })
  validationFile!: DatasetVersionType | null;
  @NodeField(() => PreparationType, { from: 'preparationId', description: 'What its file is read as.' })
  preparation!: PreparationType | null;
  @Field(() => JsonScalar, {
    nullable: true,
    description: 'Every hyperparameter in force, once the file is validated.',
  })
  recipe!: unknown;
  @Field(() => JsonScalar, { description: 'What was asked for; `auto` and what is absent come from the recipe.' })
  requested!: unknown;
  @Field(() => JsonScalar, { description: "The caller's own pairs of text." }) metadata!: unknown;
  @Field(() => Int, { description: 'Of everything random.' }) seed!: number;
  @Field(() => Int, { nullable: true, description: 'Optimizer steps.' }) plannedSteps!: number | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Tokens that training will read at most.' })
  plannedTokens!: number | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Tokens that were trained on and billed; each step once.' })
  trainedTokens!: number | null;
  @Field(() => Int, { nullable: true, description: 'From start to end, as estimated when it was accepted.' })
  estimatedSeconds!: number | null;
  @Field(() => MoneyType, { nullable: true, description: 'The most it will cost: reserved when it was accepted.' })
  hardCap!: MoneyType | null;
  @Field(() => MoneyType, { nullable: true, description: 'What it cost, once it is over.' }) cost!: MoneyType | null;
  @Field(() => FineTuneJobErrorType, { nullable: true, description: 'Why it failed.' })
  error!: FineTuneJobErrorType | null;
  @Field(() => GraphQLISODateTime, { description: 'When it was asked for.' }) createdAt!: Date;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When training first began.' })
  startedAt!: Date | null;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was over.' }) finishedAt!: Date | null;
  @Field(() => ContentEndType, {
    nullable: true,
    description: 'Where a clause of a contract removed what it made and its logs: when, and which.',
  })
  removal?: ContentEndType | null;
}

export const { Connection: FineTuneJobConnection } = connectionOf(FineTuneJobType, 'FineTuneJob');

@ObjectType('FineTuneQuote', { description: 'What a job would take and cost, by the prices in force now.' })
export class FineTuneQuoteType {
  preparationId!: string | null;

  @Field({ description: 'False while the file is not validated for this checkpoint and policy: call prepareDataset.' })
  ready!: boolean;
  @NodeField(() => PreparationType, {
    from: 'preparationId',
    description: 'What the file is read as; its errors if it is invalid.',
  })
  preparation!: PreparationType | null;
  @Field(() => Int, { nullable: true, description: 'Optimizer steps.' }) steps!: number | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Tokens that training will read at most.' })
  tokens!: number | null;
  @Field(() => Int, { nullable: true, description: 'Estimated from jobs like it.' }) estimatedSeconds!: number | null;
  @Field(() => MoneyType, { nullable: true, description: 'For all the tokens.' }) price!: MoneyType | null;
  @Field(() => MoneyType, { nullable: true, description: 'The most that will ever be billed for the job.' })
  hardCap!: MoneyType | null;
  refusingCapId!: string | null;
  @NodeField(() => SpendCapType, {
    from: 'refusingCapId',
    description: 'The spend cap that would refuse the job as things stand; null: none would, or it may not be seen.',
  })
  refusingCap!: SpendCapType | null;
  @Field(() => JsonScalar, { nullable: true, description: 'Every hyperparameter that would be in force.' })
  recipe!: unknown;
}

@ObjectType('FineTuneJobUpdate', { description: 'What is new about a job since the update before.' })
export class FineTuneJobUpdateType {
  fineTuneJobId!: string;

  @Field(() => Int, { description: 'All up to this number has been shown: subscribe again with it as `after`.' })
  sequence!: number;
  @NodeField(() => FineTuneJobType, { from: 'fineTuneJobId', description: 'The job as it is now.' })
  fineTuneJob!: FineTuneJobType | null;
  @Field(() => FineTuneProgressType, { nullable: true, description: 'What the trainer said last.' })
  progress!: FineTuneProgressType | null;
  @Field(() => [FineTuneEventType], { description: 'New events, oldest first.' }) events!: FineTuneEventType[];
  @Field(() => [FineTuneMetricPointType], { description: 'New points of its curves.' })
  metrics!: FineTuneMetricPointType[];
}
