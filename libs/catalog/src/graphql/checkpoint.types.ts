import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';
import { ContentEndType } from '#libs/contracts/graphql';
import { OrganizationType, ProjectType } from '#libs/identity/graphql';
import { BigIntScalar, connectionOf, JsonScalar, NodeField, NodeType } from '#platform/graphql';
import type { CheckpointKind } from '../checkpoint.js';
import type { CheckpointStatus } from '../checkpoint.state.js';
import type { CheckpointPart } from '../manifest.js';
import type { CheckpointSample } from '../sample.service.js';
import type { VariantHolder } from '../variant-hold.js';
import { CheckpointKindEnum, CheckpointPartEnum, CheckpointStatusEnum, VariantHolderEnum } from './enums.js';
import { ModelFamilyType, TrainingRunType } from './family.types.js';

@ObjectType('Architecture', { description: 'What the checkpoint’s config.json says of its shape.' })
export class ArchitectureType {
  @Field({ description: 'transformers’ model_type, such as qwen3.' }) modelType!: string;
  @Field(() => Int, { description: 'Width of the residual stream.' }) hiddenSize!: number;
  @Field(() => Int, { description: 'Number of layers.' }) layers!: number;
  @Field(() => Int, { description: 'Attention heads of a layer.' }) attentionHeads!: number;
  @Field(() => Int, { description: 'Key and value heads of a layer.' }) keyValueHeads!: number;
  @Field(() => Float, { description: 'Size of an attention head.' }) headSize!: number;
  @Field(() => Int, { description: 'Width inside the feed-forward layers.' }) feedForwardSize!: number;
  @Field(() => Int, { description: 'Entries of the vocabulary.' }) vocabularySize!: number;
  @Field({ description: 'Whether input and output embeddings are one matrix.' }) tiedEmbeddings!: boolean;
}

@ObjectType('AdapterShape', { description: 'The shape of an adapter’s matrices; training it on keeps it.' })
export class AdapterShapeType {
  @Field(() => Int, { description: 'Rank.' }) rank!: number;
  @Field(() => Float, { description: 'Scaling numerator.' }) alpha!: number;
  @Field(() => [String], { description: 'Modules that have an adapter.' }) targetModules!: string[];
  @Field({ description: 'Whether it is scaled by alpha / sqrt(rank) instead of alpha / rank.' }) rslora!: boolean;
}

@ObjectType('ModelCard', {
  description: 'What the publisher says; figures, hashes and evaluations are the checkpoint’s.',
})
export class ModelCardType {
  @Field({ description: 'What it is, in a sentence or two.' }) summary!: string;
  @Field({ description: 'What it was trained on.' }) trainingData!: string;
  @Field({ description: 'What it is for.' }) intendedUse!: string;
  @Field({ description: 'What it is not for, and where it fails.' }) limitations!: string;
}

@ObjectType('CheckpointRecipe', { description: 'How a checkpoint was made from its parent, or from nothing.' })
export class CheckpointRecipeType {
  @Field({ description: 'Such as pretraining or supervised.' }) method!: string;
  @Field(() => JsonScalar, { description: 'An object: every value that was in force, by name.' })
  parameters!: Record<string, unknown>;
}

@ObjectType('CheckpointEvaluation', { description: 'A figure that the owner attached; it does not change.' })
export class CheckpointEvaluationType {
  @Field(() => ID, { description: 'Its id.' }) id!: string;
  @Field({ description: 'What was measured.' }) name!: string;
  @Field({ description: 'Such as exact_match.' }) metric!: string;
  @Field(() => Float, { description: 'The figure.' }) value!: number;
  @Field(() => Float, { nullable: true, description: 'Its standard error.' }) standardError!: number | null;
  @Field(() => Int, { nullable: true, description: 'How many examples it is over.' }) examples!: number | null;
  @Field({ description: 'Whether more is better.' }) higherIsBetter!: boolean;
  @Field({ description: 'Who measured it, with what.' }) source!: string;
  @Field({ description: 'When it was measured.' }) measuredAt!: Date;
}

@ObjectType('CheckpointSample', {
  description: 'What a checkpoint answered, as its owner shows it; it does not change.',
})
export class CheckpointSampleType implements CheckpointSample {
  @Field({ description: 'What it was given, for a chat the user’s message.' }) prompt!: string;
  @Field({ description: 'What it wrote.' }) output!: string;
  @Field({ description: 'How it was made, such as greedy, up to so many tokens.' }) source!: string;
}

@ObjectType('CheckpointFile', { description: 'A file of a checkpoint, by name and content.' })
export class CheckpointFileType {
  @Field({ description: 'Relative path.' }) path!: string;
  @Field(() => CheckpointPartEnum, { description: 'What it belongs to.' }) part!: CheckpointPart;
  @Field(() => BigIntScalar, { description: 'Size.' }) bytes!: number;
  @Field({ description: 'SHA-256 of its bytes, lower-case hex.' }) sha256!: string;
}

@ObjectType('FileTransfer', {
  description: 'A request for a file’s bytes that whoever holds it may send, for an hour.',
})
export class FileTransferType extends CheckpointFileType {
  @Field({ description: 'GET or PUT.' }) method!: string;
  @Field({ description: 'Where to; secret, since its signature is the permission.' }) url!: string;
  @Field(() => JsonScalar, { description: 'An object: send exactly these headers, they are signed.' })
  headers!: Record<string, string>;
}

@ObjectType('PublicationProblem', { description: 'Why a file kept a checkpoint from being published.' })
export class PublicationProblemType {
  @Field({ description: 'The file.' }) path!: string;
  @Field({ description: 'What is wrong with it.' }) problem!: string;
}

@ObjectType('Checkpoint', {
  implements: () => [NodeType],
  description: 'The one kind of model artifact: base, intermediate, adapter or merged. Immutable once published.',
})
export class CheckpointType extends NodeType {
  @Field({ description: 'Unique and immutable; `model` takes it wherever one is asked for.' }) name!: string;
  @Field(() => CheckpointKindEnum, { description: 'What it consists of.' }) kind!: CheckpointKind;
  @Field(() => CheckpointStatusEnum, { description: 'Where it stands.' }) status!: CheckpointStatus;
  organizationId!: string;
  @NodeField(() => OrganizationType, {
    from: 'organizationId',
    description: 'The owner, where it is the caller’s to see.',
  })
  organization!: OrganizationType | null;
  projectId!: string | null;
  @NodeField(() => ProjectType, { from: 'projectId', description: 'The project of a variant.' })
  project!: ProjectType | null;
  familyId!: string;
  @NodeField(() => ModelFamilyType, { from: 'familyId', description: 'The family it belongs to.' })
  family!: ModelFamilyType | null;
  trainingRunId!: string | null;
  @NodeField(() => TrainingRunType, { from: 'trainingRunId', description: 'The run that made it; null for variants.' })
  trainingRun!: TrainingRunType | null;
  parentCheckpointId!: string | null;
  @NodeField(() => CheckpointType, {
    from: 'parentCheckpointId',
    description: 'What it was made from, where the caller may see it.',
  })
  parent!: CheckpointType | null;
  baseCheckpointId!: string;
  @NodeField(() => CheckpointType, {
    from: 'baseCheckpointId',
    description: 'What an engine loads to serve it: itself, or for an adapter the base below it.',
  })
  base!: CheckpointType | null;
  @Field(() => Int, { description: 'Optimizer steps of the run or job that made it.' }) step!: number;
  @Field(() => BigIntScalar, { description: 'Tokens that training had read by then.' }) tokensSeen!: number;
  @Field(() => Float, { nullable: true, description: 'Training loss then.' }) loss!: number | null;
  @Field({ description: 'SPDX identifier or name of its licence.' }) license!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'How the lab marked it for export control, such as 4E091: who is not cleared for that by contract uses neither it nor variants of it. Of a variant see `base`.',
  })
  exportClassification!: string | null;
  @Field(() => [String], {
    description: 'The regions where alone it and variants of it may be used; none: anywhere. Of a variant see `base`.',
  })
  computeRegions!: string[];
  @Field(() => ModelCardType, { description: 'What its publisher says.' }) modelCard!: ModelCardType;
  @Field(() => Int, { nullable: true, description: 'Tokens, prompt and answer together. Null until verified.' })
  contextLength!: number | null;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Numbers in its weights. Null until verified, and for adapters.',
  })
  parameterCount!: number | null;
  @Field(() => ArchitectureType, { nullable: true, description: 'Its shape. Null until verified.' })
  architecture!: ArchitectureType | null;
  @Field(() => AdapterShapeType, { nullable: true, description: 'Of an adapter, the shape of its matrices.' })
  adapter!: AdapterShapeType | null;
  @Field(() => String, { nullable: true, description: 'Address of its weights by content: SHA-256 of their manifest.' })
  manifestSha256!: string | null;
  @Field(() => String, { nullable: true, description: 'The same of its optimizer state, where that is kept.' })
  optimizerManifestSha256!: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of tokenizer.json: training and serving use this one.' })
  tokenizerSha256!: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of chat_template.jinja; null: it has no template.' })
  templateSha256!: string | null;
  @Field(() => String, { nullable: true, description: 'Hash of its shape: adapters move between equal ones.' })
  architectureSha256!: string | null;
  fineTuneJobId!: string | null;
  @NodeField(() => NodeType as never, { from: 'fineTuneJobId', description: 'Of a variant, the job that made it.' })
  fineTuneJob!: NodeType | null;
  datasetVersionId!: string | null;
  @NodeField(() => NodeType as never, {
    from: 'datasetVersionId',
    description: 'Of a variant, what it was trained on.',
  })
  datasetVersion!: NodeType | null;
  @Field({ description: 'When it was drafted or made.' }) createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was published.' }) publishedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it was retired.' }) retiredAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was retired.' }) retirementReason!: string | null;
  @Field(() => ContentEndType, {
    nullable: true,
    description:
      'Where its files were removed, by its owner or by a clause of its owner’s contract: when, and by which.',
  })
  removal?: ContentEndType | null;
  @Field(() => [PublicationProblemType], { description: 'Of a draft: what kept it from being published last time.' })
  publicationProblems!: PublicationProblemType[];
}
export const { Connection: CheckpointConnection } = connectionOf(CheckpointType, 'Checkpoint');

@ObjectType('LineageEdge', { description: 'A step in a lineage: a checkpoint made from another by a recipe.' })
export class LineageEdgeType {
  @Field(() => Int, { description: 'How many steps it lies above or below; 1 is next.' }) generation!: number;
  parentId!: string;
  @NodeField(() => CheckpointType, { from: 'parentId', description: 'What was gone on from.' })
  parent!: CheckpointType | null;
  childId!: string;
  @NodeField(() => CheckpointType, { from: 'childId', description: 'What was made.' }) child!: CheckpointType | null;
  @Field(() => CheckpointRecipeType, { description: 'How.' }) recipe!: CheckpointRecipeType;
}
export const { Connection: LineageConnection } = connectionOf(LineageEdgeType, 'LineageStep');

@ObjectType('VariantHold', { description: 'Something that needs a variant’s files, so that it can’t be deleted.' })
export class VariantHoldType {
  @Field(() => VariantHolderEnum, { description: 'What it is, and so what to do about it.' }) what!: VariantHolder;
  @Field(() => ID, {
    nullable: true,
    description:
      'Its id; null where it is not the caller’s to see: of a project out of reach, or of another organization.',
  })
  holderId!: string | null;
  @Field(() => String, { nullable: true, description: 'The name of a deployment, the title of a listing.' })
  name!: string | null;
  @Field(() => Int, { description: 'How many: 1, but of those that are not seen.' }) count!: number;
}

@ObjectType('AffectedOrganization', { description: 'How much of an organization hangs on a checkpoint.' })
export class AffectedOrganizationType {
  organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'Whose.' })
  organization!: OrganizationType | null;
  @Field({ description: 'Of what kind, such as variants or deployments.' }) what!: string;
  @Field(() => Int, { description: 'How many.' }) count!: number;
}

@ObjectType('RetirementImpact', { description: 'Who is affected when a checkpoint is retired.' })
export class RetirementImpactType {
  @Field(() => [AffectedOrganizationType], { description: 'By organization and kind.' })
  affected!: AffectedOrganizationType[];
  @Field({ description: 'Give it to retireCheckpoint as `acknowledgedImpact`.' }) digest!: string;
}
