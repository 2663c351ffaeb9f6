import { Field, Float, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsEnum,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { BigIntScalar, MutationInput, MutationPayload, NodeField } from '#platform/graphql';
import { DatasetType, DatasetVersionType } from './datasets.types.js';
import { OverLongPolicy, PreparationType } from './preparations.types.js';
import { UploadType } from './uploads.types.js';

@InputType({ description: 'A dataset to make.' })
export class CreateDatasetInput extends MutationInput {
  @Field(() => ID, { description: 'The project it will belong to.' }) @IsString() projectId!: string;
  @Field({ description: 'Unique in the project, 1 to 200 characters.' }) @IsString() name!: string;
  @Field({ nullable: true, description: 'For people, at most 2,000 characters.' })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string;
}

@ObjectType({ description: 'The dataset, or why there is none.' })
export class CreateDatasetPayload extends MutationPayload {
  @NodeField(() => DatasetType, { description: 'The new dataset.' }) dataset?: DatasetType | null;
}

@InputType({ description: 'A file to send.' })
export class BeginUploadInput extends MutationInput {
  @Field(() => ID, { description: 'The dataset that gets a version.' }) @IsString() datasetId!: string;
  @Field({ description: '1 to 255 characters, without slashes.' }) @IsString() filename!: string;
  @Field(() => BigIntScalar, { description: 'Length of the file, at most 5 GiB.' }) bytes!: bigint;
  @Field({
    description: 'SHA-256 of the whole file, lower-case hex: the version is made only if the stored bytes have it.',
  })
  @IsString()
  sha256!: string;
}

@ObjectType({ description: 'The upload, or why there is none.' })
export class UploadPayload extends MutationPayload {
  @NodeField(() => UploadType, { description: 'The upload.' }) upload?: UploadType | null;
}

@InputType({ description: 'A part to send.' })
export class UploadPartInput {
  @Field(() => Int, { description: 'From 1. All parts are partBytes long but the last.' }) @IsInt() partNumber!: number;
  @Field({ description: "SHA-256 of the part's bytes, lower-case hex: the store takes no others." })
  @IsString()
  sha256!: string;
}

@InputType({ description: 'Parts to send next.' })
export class PresignUploadPartsInput extends MutationInput {
  @Field(() => ID, { description: 'An open upload in parts.' }) @IsString() uploadId!: string;
  @Field(() => [UploadPartInput], { description: '1 to 100 parts.' })
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => UploadPartInput)
  parts!: UploadPartInput[];
}

@ObjectType({ description: 'How to send the parts, or why not.' })
export class PresignUploadPartsPayload extends UploadPayload {
  partNumbers?: number[];
}

@InputType({ description: 'An upload whose bytes are all sent, or one to give up.' })
export class UploadInput extends MutationInput {
  @Field(() => ID, { description: 'An open upload.' }) @IsString() uploadId!: string;
}

@InputType({ description: 'A version to delete.' })
export class DeleteDatasetVersionInput extends MutationInput {
  @Field(() => ID, { description: 'A version that nothing reads at the moment.' }) @IsString() versionId!: string;
}

@ObjectType({ description: 'What is left of the version, or why it stays.' })
export class DeleteDatasetVersionPayload extends MutationPayload {
  @NodeField(() => DatasetVersionType, { description: 'The tombstone.' }) datasetVersion?: DatasetVersionType | null;
}

@InputType({ description: 'What to do with the data on its way to training.' })
export class PreparationPolicyInput {
  @Field(() => OverLongPolicy, { nullable: true, description: 'What happens to over-long rows; REJECT if left out.' })
  @IsOptional()
  @IsEnum(OverLongPolicy)
  overLong?: OverLongPolicy;

  @Field(() => Int, {
    nullable: true,
    description: "Longest row in tokens, template included; the checkpoint's context length if left out.",
  })
  @IsOptional()
  @IsInt()
  @Min(2)
  maxTokens?: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Share of rows set apart for validation, 0 to 0.5; 0 if left out or if a validation version is given.',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(0.5)
  validationFraction?: number;

  @Field(() => Int, { nullable: true, description: 'Chooses the validation rows; 0 if left out.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  seed?: number;
}

@InputType({ description: 'What to validate, for which checkpoint.' })
export class PrepareDatasetInput extends MutationInput {
  @Field(() => ID, { description: 'What is trained on.' }) @IsString() versionId!: string;
  @Field(() => ID, { nullable: true, description: 'What is measured on.' })
  @IsOptional()
  @IsString()
  validationVersionId?: string;
  @Field({ description: 'Id or name of the checkpoint to fine-tune: its tokenizer and template are used.' })
  @IsString()
  checkpoint!: string;
  @Field(() => PreparationPolicyInput, { nullable: true, description: 'Defaults throughout if left out.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => PreparationPolicyInput)
  policy?: PreparationPolicyInput;
}

@ObjectType({ description: 'The preparation, which may be at work or long done, or why there is none.' })
export class PrepareDatasetPayload extends MutationPayload {
  @NodeField(() => PreparationType, { description: 'Ask for it again until it has ended.' })
  preparation?: PreparationType | null;
}
