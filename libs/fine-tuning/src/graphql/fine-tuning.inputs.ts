import { Field, Float, ID, InputType, Int, IntersectionType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsNumber, IsOptional, Length, Max, Min, ValidateNested } from 'class-validator';
import { OverLongPolicy } from '#libs/datasets/graphql';
import { BigIntScalar, JsonScalar, MutationInput, MutationPayload, NodeField } from '#platform/graphql';
import { FineTuneJobType } from './fine-tuning.types.js';

export enum LearningRateSchedule {
  CONSTANT = 'constant',
  LINEAR = 'linear',
  COSINE = 'cosine',
}
registerEnumType(LearningRateSchedule, {
  name: 'LearningRateSchedule',
  description: 'How the learning rate goes on after warm-up; LINEAR and COSINE end at 0.',
});

@InputType('FineTuneHyperparameters', {
  description: "What is left out is taken from the family's recommended recipe: OpenAI's `auto`.",
})
export class FineTuneHyperparametersInput {
  @Field(() => Int, { nullable: true, description: 'Rows per step, 1 to 1024.' })
  @IsOptional()
  @IsInt()
  batchSize?: number;
  @Field(() => Float, { nullable: true, description: "Multiplies the recipe's learning rate." })
  @IsOptional()
  @IsNumber()
  learningRateMultiplier?: number;
  @Field(() => Float, { nullable: true, description: 'Passes over the data, up to 50.' })
  @IsOptional()
  @IsNumber()
  epochs?: number;
  @Field(() => Int, { nullable: true, description: 'Of the adapter.' }) @IsOptional() @IsInt() rank?: number;
  @Field(() => Float, { nullable: true, description: "Of the adapter; absent: the recipe's ratio to the rank." })
  @IsOptional()
  @IsNumber()
  alpha?: number;
  @Field(() => [String], { nullable: true, description: 'Modules that get an adapter, such as q_proj.' })
  @IsOptional()
  @ArrayMaxSize(50)
  targetModules?: string[];
  @Field(() => Float, { nullable: true, description: 'On the adapter, 0 to 0.9.' })
  @IsOptional()
  @IsNumber()
  dropout?: number;
  @Field(() => Float, { nullable: true, description: 'AdamW’s.' }) @IsOptional() @IsNumber() weightDecay?: number;
  @Field(() => Int, { nullable: true, description: 'Steps over which the learning rate rises.' })
  @IsOptional()
  @IsInt()
  warmupSteps?: number;
  @Field(() => LearningRateSchedule, { nullable: true, description: 'After warm-up.' })
  @IsOptional()
  scheduler?: LearningRateSchedule;
  @Field(() => Int, { nullable: true, description: 'Ends training early.' }) @IsOptional() @IsInt() maxSteps?: number;
  @Field(() => Int, { nullable: true, description: 'Absent: twice an epoch. Each can be called and deployed.' })
  @IsOptional()
  @IsInt()
  checkpointEverySteps?: number;
}

@InputType('FineTuneDataPolicy', { description: 'What happens to long rows, and which are kept for validation.' })
export class FineTuneDataPolicyInput {
  @Field(() => OverLongPolicy, { nullable: true, description: 'Rows longer than maxTokens; REJECT when absent.' })
  @IsOptional()
  overLong?: OverLongPolicy;
  @Field(() => Int, { nullable: true, description: "Longest row; the checkpoint's context when absent." })
  @IsOptional()
  @IsInt()
  @Min(2)
  maxTokens?: number;
  @Field(() => Float, { nullable: true, description: 'Share of the rows kept for validation, 0 to 0.5.' })
  @IsOptional()
  @Min(0)
  @Max(0.5)
  validationFraction?: number;
}

@InputType({ description: 'A job to be priced.' })
export class FineTuneQuoteInput {
  @Field(() => ID, { description: 'Whose data and budget.' }) projectId!: string;
  @Field({ description: 'Id or name of a checkpoint: one you are entitled to fine-tune, or a variant of yours.' })
  @Length(1, 300)
  model!: string;
  @Field(() => ID, { description: 'A dataset version (file_...).' }) trainingFileId!: string;
  @Field(() => ID, { nullable: true, description: 'A dataset version to measure on.' }) validationFileId?: string;
  @Field({ nullable: true, description: "Part of the variant's name: 1 to 64 letters, digits, - and _." })
  suffix?: string;
  @Field(() => Int, { nullable: true, description: 'Absent: one that follows from the job’s id.' })
  @IsOptional()
  @Min(0)
  seed?: number;
  @Field(() => FineTuneHyperparametersInput, { nullable: true, description: 'Absent: the recommended recipe.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => FineTuneHyperparametersInput)
  hyperparameters?: FineTuneHyperparametersInput;
  @Field(() => FineTuneDataPolicyInput, {
    nullable: true,
    description: 'Absent: rows over the context are errors, none is kept for validation.',
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => FineTuneDataPolicyInput)
  dataPolicy?: FineTuneDataPolicyInput;
}

@InputType({ description: 'A fine-tune job to queue.' })
export class CreateFineTuneJobInput extends IntersectionType(FineTuneQuoteInput, MutationInput) {
  @Field(() => JsonScalar, { nullable: true, description: 'Up to 16 pairs of text of your own.' })
  @IsOptional()
  metadata?: Record<string, string>;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Refuse the job if it would cost more nano-dollars than this.',
  })
  @IsOptional()
  costCapNanos?: bigint;
}

@InputType({ description: 'A fine-tune job.' })
export class FineTuneJobInput extends MutationInput {
  @Field(() => ID, { description: 'ftjob_...' }) fineTuneJobId!: string;
}

@ObjectType({ description: 'The job, or why there is none.' })
export class FineTuneJobPayload extends MutationPayload {
  @NodeField(() => FineTuneJobType, { description: 'The job as it is now.' }) fineTuneJob!: string | null;
}
