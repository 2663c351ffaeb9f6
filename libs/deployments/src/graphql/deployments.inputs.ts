import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { IsBoolean, IsOptional, IsString } from 'class-validator';
import { MutationInput, MutationPayload, NodeField } from '#platform/graphql';
import { DeploymentRevisionType, DeploymentType } from './deployments.types.js';

@InputType({ description: 'A deployment to make, with its first revision.' })
export class CreateDeploymentInput extends MutationInput {
  @Field(() => ID, { description: 'The project it will belong to.' }) @IsString() projectId!: string;
  @Field({ description: 'Unique in the project: 1 to 63 lower-case letters, digits and inner hyphens.' })
  @IsString()
  slug!: string;
  @Field({ description: 'Id or name of the checkpoint that answers.' }) @IsString() checkpoint!: string;
}

@InputType({ description: 'A revision to add to a deployment.' })
export class DeployRevisionInput extends MutationInput {
  @Field(() => ID, { description: 'The deployment.' }) @IsString() deploymentId!: string;
  @Field({ description: 'Id or name of the checkpoint that answers.' }) @IsString() checkpoint!: string;
  @Field({
    nullable: true,
    description: 'False: it is made ready and does not answer until activateRevision switches to it. True if left out.',
  })
  @IsOptional()
  @IsBoolean()
  activate?: boolean;
}

@InputType({ description: 'A revision to switch to.' })
export class ActivateRevisionInput extends MutationInput {
  @Field(() => ID, { description: 'The deployment.' }) @IsString() deploymentId!: string;
  @Field(() => ID, { description: 'One of its revisions.' }) @IsString() revisionId!: string;
}

@InputType({ description: 'Which deployment.' })
export class DeploymentInput extends MutationInput {
  @Field(() => ID, { description: 'The deployment.' }) @IsString() deploymentId!: string;
}

@ObjectType({ description: 'The deployment as it is now, or why nothing was done.' })
export class DeploymentPayload extends MutationPayload {
  @NodeField(() => DeploymentType, { description: 'The deployment.' }) deployment?: DeploymentType | null;
  @NodeField(() => DeploymentRevisionType, { description: 'The revision that was added or switched to.' })
  revision?: DeploymentRevisionType | null;
}
