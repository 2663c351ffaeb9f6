import { Field, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf, JsonScalar, NodeField, NodeType } from '#platform/graphql';
import type { Stage } from '../family.js';
import type { RecipeMethod } from '../recipe.js';
import { RecipeMethodEnum, StageEnum } from './enums.js';

@ObjectType('ModelFamily', {
  implements: () => [NodeType],
  description: 'Models of one architecture and lineage, with the training runs that made them.',
})
export class ModelFamilyType extends NodeType {
  @Field({ description: 'Unique; the names of its checkpoints begin with it.' }) name!: string;
  @Field({ description: 'For people to read.' }) displayName!: string;
  @Field({ description: 'What it is.' }) description!: string;
  @Field({ description: 'SPDX identifier or name of the licence of its checkpoints.' }) license!: string;
  @Field(() => Int, { description: 'The highest rank an adapter may have to be served.' }) maxLoraRank!: number;
  @Field({ description: 'When it was made known.' }) createdAt!: Date;
}
export const { Connection: ModelFamilyConnection } = connectionOf(ModelFamilyType, 'ModelFamily');

@ObjectType('TrainingRun', { implements: () => [NodeType], description: 'One stage of a family’s training.' })
export class TrainingRunType extends NodeType {
  @Field({ description: 'Unique in the family; part of the names of its checkpoints.' }) name!: string;
  @Field(() => StageEnum, { description: 'What it does.' }) stage!: Stage;
  @Field({ description: 'What it is.' }) description!: string;
  @Field(() => JsonScalar, { description: 'An object: the values that were in force, by name.' })
  hyperparameters!: Record<string, unknown>;
  familyId!: string;
  @NodeField(() => ModelFamilyType, { from: 'familyId', description: 'What it trains.' })
  family!: ModelFamilyType | null;
  @Field({ description: 'When it was made known.' }) createdAt!: Date;
}
export const { Connection: TrainingRunConnection } = connectionOf(TrainingRunType, 'TrainingRun');

@ObjectType('Recipe', {
  implements: () => [NodeType],
  description:
    'What the lab recommends for a method on a family: what `auto` stands for, and what multipliers multiply.',
})
export class RecipeType extends NodeType {
  @Field(() => RecipeMethodEnum, { description: 'The way of fine-tuning.' }) method!: RecipeMethod;
  @Field(() => Int, { description: 'The newest of a method is the one recommended.' }) version!: number;
  @Field(() => JsonScalar, { description: 'An object: every hyperparameter of the method, by name.' })
  hyperparameters!: Record<string, unknown>;
  @Field({ description: 'What it was tried on.' }) notes!: string;
  familyId!: string;
  @NodeField(() => ModelFamilyType, { from: 'familyId', description: 'What it is for.' })
  family!: ModelFamilyType | null;
  @Field({ description: 'When it was published.' }) createdAt!: Date;
}
