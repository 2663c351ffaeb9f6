import { ArgsType, Field, Float, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsObject, IsOptional, Length, Max, Min, ValidateNested } from 'class-validator';
import { BigIntScalar, ConnectionArgs, JsonScalar, MutationInput, MutationPayload, NodeField } from '#platform/graphql';
import type { CheckpointKind } from '../checkpoint.js';
import type { CheckpointOrder } from '../checkpoint.repository.js';
import type { CheckpointStatus } from '../checkpoint.state.js';
import type { Stage } from '../family.js';
import type { CheckpointPart } from '../manifest.js';
import type { RecipeMethod } from '../recipe.js';
import { CheckpointType, FileTransferType } from './checkpoint.types.js';
import {
  CheckpointKindEnum,
  CheckpointOrderEnum,
  CheckpointPartEnum,
  CheckpointStatusEnum,
  RecipeMethodEnum,
  StageEnum,
} from './enums.js';
import { ModelFamilyType, RecipeType, TrainingRunType } from './family.types.js';

const HIGHEST_STEP = 2 ** 31 - 1;

@ArgsType()
export class TrainingRunsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this family.' }) familyId?: string;
  @Field(() => StageEnum, { nullable: true, description: 'Only those of this stage.' }) stage?: Stage;
}

@ArgsType()
export class CheckpointsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this family.' }) familyId?: string;
  @Field(() => ID, { nullable: true, description: 'Only those of this run.' }) trainingRunId?: string;
  @Field(() => StageEnum, { nullable: true, description: 'Only those of runs of this stage.' }) stage?: Stage;
  @Field(() => [CheckpointKindEnum], { nullable: true, description: 'Only these kinds.' }) kinds?: CheckpointKind[];
  @Field(() => [CheckpointStatusEnum], { nullable: true, description: 'Only those that stand so.' })
  statuses?: CheckpointStatus[];
  @Field(() => Int, { nullable: true, description: 'Only those of this step or a later one.' }) minimumStep?: number;
  @Field(() => Int, { nullable: true, description: 'Only those of this step or an earlier one.' }) maximumStep?: number;
  @Field({ nullable: true, description: 'Only those whose name begins so.' }) namePrefix?: string;
  @Field(() => ID, { nullable: true, description: 'Only those served on this base.' }) baseCheckpointId?: string;
  @Field(() => ID, { nullable: true, description: 'Only variants of this project.' }) projectId?: string;
  @Field({ defaultValue: false, description: 'Only those that the own organization owns.' }) own!: boolean;
  @Field(() => CheckpointOrderEnum, { defaultValue: 'newest', description: 'What comes first.' })
  orderBy!: CheckpointOrder;
}

@InputType({ description: 'A family of models.' })
export class CreateModelFamilyInput extends MutationInput {
  @Field({ description: 'Unique, never changed: 1 to 40 characters a-z, 0-9, - and .' }) name!: string;
  @Field({ description: 'For people to read, 1 to 200 characters.' }) @Length(1, 200) displayName!: string;
  @Field({ description: 'What it is, at most 5,000 characters.' }) @Length(0, 5000) description!: string;
  @Field({ description: 'SPDX identifier or name of the licence.' }) @Length(1, 200) license!: string;
  @Field(() => Int, { nullable: true, description: 'The highest rank that adapters may have; 64 if left out.' })
  maxLoraRank?: number;
}

@InputType({ description: 'A stage of a family’s training.' })
export class CreateTrainingRunInput extends MutationInput {
  @Field(() => ID, { description: 'What it trains.' }) familyId!: string;
  @Field({
    description: 'Unique in the family, never changed, part of the names of its checkpoints: such as pretrain.',
  })
  name!: string;
  @Field(() => StageEnum, { description: 'What it does.' }) stage!: Stage;
  @Field({ description: 'What it is, at most 5,000 characters.' }) @Length(0, 5000) description!: string;
  @Field(() => JsonScalar, { description: 'An object: the values in force, by name.' })
  @IsObject()
  hyperparameters!: Record<string, unknown>;
}

@InputType({ description: 'How a checkpoint was made from its parent, or from nothing.' })
export class CheckpointRecipeInput {
  @Field({ description: 'Such as pretraining.' }) @Length(1, 100) method!: string;
  @Field(() => JsonScalar, { description: 'An object: every value that was in force, by name.' })
  @IsObject()
  parameters!: Record<string, unknown>;
}

@InputType({ description: 'What the publisher says of a checkpoint; at most 5,000 characters each.' })
export class ModelCardInput {
  @Field({ description: 'What it is, in a sentence or two.' }) @Length(1, 5000) summary!: string;
  @Field({ description: 'What it was trained on.' }) @Length(1, 5000) trainingData!: string;
  @Field({ description: 'What it is for.' }) @Length(1, 5000) intendedUse!: string;
  @Field({ description: 'What it is not for, and where it fails.' }) @Length(1, 5000) limitations!: string;
}

@InputType({ description: 'A file, declared before it is uploaded: other bytes are refused.' })
export class CheckpointFileInput {
  @Field({ description: 'Relative path, such as model.safetensors.' }) path!: string;
  @Field(() => CheckpointPartEnum, { nullable: true, description: 'What it belongs to; WEIGHTS if left out.' })
  part?: CheckpointPart | null;
  @Field(() => BigIntScalar, { description: 'Size; at most 5 GiB.' }) bytes!: bigint;
  @Field({ description: 'SHA-256 of its bytes, lower-case hex.' }) sha256!: string;
}

@InputType({ description: 'A checkpoint of a training run; its name follows from family, run and step.' })
export class CreateCheckpointInput extends MutationInput {
  @Field(() => ID, { description: 'The run that made it.' }) trainingRunId!: string;
  @Field(() => Int, { description: 'Optimizer steps of the run.' }) @Min(0) @Max(HIGHEST_STEP) step!: number;
  @Field(() => BigIntScalar, { description: 'Tokens that training had read by then.' }) tokensSeen!: bigint;
  @Field(() => Float, { nullable: true, description: 'Training loss then.' }) loss?: number;
  @Field(() => ID, { nullable: true, description: 'What training went on from; left out: from nothing.' })
  parentCheckpointId?: string;
  @Field(() => CheckpointRecipeInput, { description: 'How it was made.' })
  @ValidateNested()
  @Type(() => CheckpointRecipeInput)
  recipe!: CheckpointRecipeInput;
  @Field({ nullable: true, description: 'SPDX identifier or name; the family’s if left out.' }) license?: string;
  @Field(() => ModelCardInput, { description: 'What you say of it.' })
  @ValidateNested()
  @Type(() => ModelCardInput)
  modelCard!: ModelCardInput;
  @Field(() => [CheckpointFileInput], {
    description:
      'config.json, tokenizer.json, chat_template.jinja if it has a template, weights as safetensors; optimizer state beside them. At most 2,000.',
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(2_000)
  @ValidateNested({ each: true })
  @Type(() => CheckpointFileInput)
  files!: CheckpointFileInput[];
}

@InputType({ description: 'A checkpoint whose files are all uploaded.' })
export class PublishCheckpointInput extends MutationInput {
  @Field(() => ID, { description: 'The draft.' }) checkpointId!: string;
}

@InputType({ description: 'A draft to take back.' })
export class DiscardCheckpointInput extends MutationInput {
  @Field(() => ID, { description: 'The draft.' }) checkpointId!: string;
}

@InputType({ description: 'A figure measured on a checkpoint.' })
export class EvaluationInput {
  @Field({ description: 'What was measured.' }) @Length(1, 200) name!: string;
  @Field({ description: 'Such as exact_match.' }) @Length(1, 100) metric!: string;
  @Field(() => Float, { description: 'The figure.' }) value!: number;
  @Field(() => Float, { nullable: true, description: 'Its standard error.' }) standardError?: number;
  @Field(() => Int, { nullable: true, description: 'How many examples it is over.' }) examples?: number;
  @Field(() => Boolean, { nullable: true, description: 'Whether more is better; true if left out.' })
  higherIsBetter?: boolean | null;
  @Field({ description: 'Who measured it, with what.' }) @Length(1, 500) source!: string;
  @Field(() => Date, { nullable: true, description: 'When; now if left out.' }) measuredAt?: Date;
}

@InputType({ description: 'Figures to attach to a checkpoint of one’s own. They do not change afterwards.' })
export class AttachEvaluationsInput extends MutationInput {
  @Field(() => ID, { description: 'The checkpoint.' }) checkpointId!: string;
  @Field(() => [EvaluationInput], { description: 'At most 100.' })
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => EvaluationInput)
  evaluations!: EvaluationInput[];
}

@InputType({ description: 'What a checkpoint answered.' })
export class SampleInput {
  @Field({ description: 'What it was given, for a chat the user’s message. At most 8,000 characters.' })
  @Length(1, 8_000)
  prompt!: string;
  @Field({ description: 'What it wrote. At most 8,000 characters.' }) @Length(0, 8_000) output!: string;
  @Field({ description: 'How it was made, such as greedy, up to so many tokens.' }) @Length(1, 500) source!: string;
}

@InputType({ description: 'Answers to show of a checkpoint of one’s own. They do not change afterwards.' })
export class AttachSamplesInput extends MutationInput {
  @Field(() => ID, { description: 'The checkpoint.' }) checkpointId!: string;
  @Field(() => [SampleInput], { description: 'At most 20, a prompt once.' })
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => SampleInput)
  samples!: SampleInput[];
}

@InputType({ description: 'What is recommended from now on for a method on a family.' })
export class PublishRecipeInput extends MutationInput {
  @Field(() => ID, { description: 'What it is for.' }) familyId!: string;
  @Field(() => RecipeMethodEnum, { description: 'The way of fine-tuning.' }) method!: RecipeMethod;
  @Field(() => JsonScalar, { description: 'An object: every hyperparameter of the method, by name.' })
  @IsObject()
  hyperparameters!: Record<string, unknown>;
  @Field({ description: 'What it was tried on, at most 5,000 characters.' }) @Length(0, 5000) notes!: string;
}

@InputType({ description: 'Ends new uses of a checkpoint; what exists of it goes on.' })
export class RetireCheckpointInput extends MutationInput {
  @Field(() => ID, { description: 'The checkpoint.' }) checkpointId!: string;
  @Field({ description: 'Why, 1 to 500 characters: whoever uses it reads this.' }) @Length(1, 500) reason!: string;
  @Field({ description: 'The digest that retirementImpact gave: who is affected was read.' })
  acknowledgedImpact!: string;
}

@InputType({ description: 'A variant of one’s own.' })
export class DeleteVariantInput extends MutationInput {
  @Field(() => ID, { description: 'The variant.' }) checkpointId!: string;
}

@InputType({ description: 'How a checkpoint is marked; what is left out is taken away.' })
export class SetCheckpointUseTagsInput extends MutationInput {
  @Field(() => ID, { description: 'The checkpoint; not an adapter, which stands under the tags of its base.' })
  checkpointId!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'For export control, such as 4E091, 1 to 40 letters, digits and . _ / -: partners need a clearance for it in their contract. Not controlled if left out.',
  })
  exportClassification?: string | null;
  @Field(() => [String], {
    nullable: true,
    description:
      'The regions where alone it may be used, each like a classification, at most 50; anywhere if left out.',
  })
  @IsOptional()
  @ArrayMaxSize(50)
  computeRegions?: string[] | null;
}

@InputType({ description: 'Which files of a checkpoint to download.' })
export class CreateCheckpointDownloadInput extends MutationInput {
  @Field({ description: 'Name or id of the checkpoint.' }) model!: string;
  @Field(() => CheckpointPartEnum, { nullable: true, description: 'Which of its files; WEIGHTS if left out.' })
  part?: CheckpointPart | null;
}

@ObjectType()
export class ModelFamilyPayload extends MutationPayload {
  @NodeField(() => ModelFamilyType, { description: 'The family.' }) family!: string | null;
}
@ObjectType()
export class TrainingRunPayload extends MutationPayload {
  @NodeField(() => TrainingRunType, { description: 'The run.' }) trainingRun!: string | null;
}
@ObjectType()
export class CheckpointPayload extends MutationPayload {
  @NodeField(() => CheckpointType, { description: 'The checkpoint.' }) checkpoint!: string | null;
}
@ObjectType()
export class DiscardCheckpointPayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'What is gone.' }) discardedCheckpointId!: string | null;
}
@ObjectType()
export class RecipePayload extends MutationPayload {
  @NodeField(() => RecipeType, { description: 'The recipe.' }) recipe!: string | null;
}
@ObjectType()
export class CheckpointDownloadPayload extends MutationPayload {
  @Field(() => [FileTransferType], {
    nullable: true,
    description: 'A request for each file. Null on refusal, and when the same key is sent again: ask with a new one.',
  })
  files!: FileTransferType[] | null;
}
