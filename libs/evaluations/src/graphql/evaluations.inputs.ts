import { Field, Float, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsEnum,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { MutationInput, MutationPayload, NodeField } from '#platform/graphql';
import { EvaluationRunType } from './runs.types.js';
import { EvaluationMetric, EvaluationSuiteType, SplitPart } from './suites.types.js';

@InputType({ description: 'One message of a prompt.' })
export class EvaluationMessageInput {
  @Field({ description: 'system, user or assistant.' })
  @IsIn(['system', 'user', 'assistant'])
  role!: string;
  @Field({ description: 'Text, not empty.' }) @IsString() content!: string;
}

@InputType({ description: 'A prompt, as a chat or as plain text, with the expected answer.' })
export class EvaluationRowInput {
  @Field(() => [EvaluationMessageInput], { nullable: true, description: 'A chat up to the answer; or give prompt.' })
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => EvaluationMessageInput)
  messages?: EvaluationMessageInput[];
  @Field({ nullable: true, description: 'Plain text; or give messages.' }) @IsOptional() @IsString() prompt?: string;
  @Field({ description: 'The expected answer.' }) @IsString() expected!: string;
}

@InputType({ description: 'A side of the split that preparation makes by this fraction and seed.' })
export class DataSplitRuleInput {
  @Field(() => SplitPart, { description: 'Which side.' }) @IsEnum(SplitPart) part!: SplitPart;
  @Field(() => Float, { description: 'Share of rows set apart, above 0 and up to 0.5.' }) @IsNumber() fraction!: number;
  @Field(() => Int, { nullable: true, description: 'Chooses them; 0 if left out.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  seed?: number;
}

@InputType({ description: 'Lines of a dataset version: chats that end in an answer, or prompts with completions.' })
export class EvaluationDatasetInput {
  @Field(() => ID, { description: 'A version of the same project.' }) @IsString() versionId!: string;
  @Field(() => DataSplitRuleInput, { nullable: true, description: 'Only one side of a split; all rows if left out.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => DataSplitRuleInput)
  split?: DataSplitRuleInput;
  @Field(() => Int, { nullable: true, description: 'Only the first so many rows, at most 10,000.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10_000)
  rowLimit?: number;
}

@InputType({ description: 'A suite to make, from rows or from a dataset version.' })
export class CreateEvaluationSuiteInput extends MutationInput {
  @Field(() => ID, { description: 'The project it will belong to.' }) @IsString() projectId!: string;
  @Field({ description: 'Unique in the project, 1 to 200 characters.' }) @IsString() name!: string;
  @Field({ nullable: true, description: 'For people, at most 2,000 characters.' })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string;
  @Field(() => EvaluationMetric, { description: 'How an answer is judged.' })
  @IsEnum(EvaluationMetric)
  metric!: EvaluationMetric;
  @Field(() => Int, { nullable: true, description: 'Longest answer in tokens; 64 if left out.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(4096)
  maxNewTokens?: number;
  @Field(() => [EvaluationRowInput], { nullable: true, description: '1 to 1,000 rows; or give dataset.' })
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => EvaluationRowInput)
  rows?: EvaluationRowInput[];
  @Field(() => EvaluationDatasetInput, { nullable: true, description: 'Where to take rows from; or give rows.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => EvaluationDatasetInput)
  dataset?: EvaluationDatasetInput;
}

@ObjectType({ description: 'The suite, or why there is none.' })
export class CreateEvaluationSuitePayload extends MutationPayload {
  @NodeField(() => EvaluationSuiteType, { description: 'Ask for it again until it is READY or INVALID.' })
  suite?: EvaluationSuiteType | null;
}

@InputType({ description: 'What to run on what.' })
export class CreateEvaluationRunInput extends MutationInput {
  @Field(() => ID, { description: 'A suite that is READY.' }) @IsString() suiteId!: string;
  @Field({ description: 'Id or name of a checkpoint that you may fine-tune, or of a variant of yours.' })
  @IsString()
  checkpoint!: string;
}

@InputType({ description: 'A run to give up.' })
export class CancelEvaluationRunInput extends MutationInput {
  @Field(() => ID, { description: 'A run that has not ended.' }) @IsString() runId!: string;
}

@ObjectType({ description: 'The run, or why nothing was done.' })
export class EvaluationRunPayload extends MutationPayload {
  @NodeField(() => EvaluationRunType, { description: 'Ask for it again until it has ended.' })
  run?: EvaluationRunType | null;
}
