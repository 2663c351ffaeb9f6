import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { Ctx, MutationRunner, type RequestContext, ShownOnce } from '#platform/graphql';
import { VariantDeletionService } from '../deletion.service.js';
import { CheckpointEvaluationService } from '../evaluation.service.js';
import { FamilyService } from '../family.service.js';
import { PublicationService } from '../publication.service.js';
import { RecipeService } from '../recipe.service.js';
import { RetirementService } from '../retirement.service.js';
import { CheckpointSampleService } from '../sample.service.js';
import { TransferService } from '../transfer.service.js';
import { UseTagService } from '../use-tag.service.js';
import {
  AttachEvaluationsInput,
  AttachSamplesInput,
  CheckpointDownloadPayload,
  CheckpointPayload,
  CreateCheckpointDownloadInput,
  CreateCheckpointInput,
  CreateModelFamilyInput,
  CreateTrainingRunInput,
  DeleteVariantInput,
  DiscardCheckpointInput,
  DiscardCheckpointPayload,
  ModelFamilyPayload,
  PublishCheckpointInput,
  PublishRecipeInput,
  RecipePayload,
  RetireCheckpointInput,
  SetCheckpointUseTagsInput,
  TrainingRunPayload,
} from './catalog.inputs.js';

const PUBLISH = 'catalog:publish';

@Resolver()
export class CatalogMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly families: FamilyService,
    private readonly publication: PublicationService,
    private readonly evaluations: CheckpointEvaluationService,
    private readonly samples: CheckpointSampleService,
    private readonly recipes: RecipeService,
    private readonly retirement: RetirementService,
    private readonly transfers: TransferService,
    private readonly tags: UseTagService,
    private readonly deletion: VariantDeletionService,
  ) {}

  @Mutation(() => ModelFamilyPayload, {
    description: 'Makes a model family known. For the lab; needs the permission catalog:publish.',
  })
  createModelFamily(@Ctx() context: RequestContext, @Args('input') input: CreateModelFamilyInput) {
    const options = { name: 'createModelFamily', permission: PUBLISH, input };
    return this.mutations.run(context, options, async (tx) => ({
      family: await this.families.createFamily(tx, input),
    }));
  }

  @Mutation(() => TrainingRunPayload, {
    description: 'Makes a training run known. For the lab; needs the permission catalog:publish.',
  })
  createTrainingRun(@Ctx() context: RequestContext, @Args('input') input: CreateTrainingRunInput) {
    const options = { name: 'createTrainingRun', permission: PUBLISH, input };
    return this.mutations.run(context, options, async (tx) => ({
      trainingRun: await this.families.createTrainingRun(tx, input),
    }));
  }

  @Mutation(() => CheckpointPayload, {
    description:
      'Drafts a checkpoint and declares its files; upload them by `pendingUploads`, then publish it. For the lab; needs the permission catalog:publish.',
  })
  createCheckpoint(@Ctx() context: RequestContext, @Args('input') input: CreateCheckpointInput) {
    const options = { name: 'createCheckpoint', permission: PUBLISH, input };
    const { method, parameters } = input.recipe;
    return this.mutations.run(context, options, async (tx) => ({
      checkpoint: await this.publication.create(tx, {
        ...input,
        tokensSeen: Number(input.tokensSeen),
        recipe: { ...parameters, method },
        files: input.files.map((file) => ({ ...file, part: file.part ?? 'weights', bytes: Number(file.bytes) })),
      }),
    }));
  }

  @Mutation(() => CheckpointPayload, {
    description:
      'Has every file read and its hash compared; then the checkpoint is PUBLISHED, or a DRAFT again with `publicationProblems`. For the lab; needs the permission catalog:publish.',
  })
  publishCheckpoint(@Ctx() context: RequestContext, @Args('input') input: PublishCheckpointInput) {
    const options = { name: 'publishCheckpoint', permission: PUBLISH, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.publication.publish(tx, input.checkpointId);
      return { checkpoint: input.checkpointId };
    });
  }

  @Mutation(() => DiscardCheckpointPayload, {
    description: 'Takes a draft back, its name with it. For the lab; needs the permission catalog:publish.',
  })
  discardCheckpoint(@Ctx() context: RequestContext, @Args('input') input: DiscardCheckpointInput) {
    const options = { name: 'discardCheckpoint', permission: PUBLISH, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.publication.discard(tx, input.checkpointId);
      return { discardedCheckpointId: input.checkpointId };
    });
  }

  @Mutation(() => CheckpointPayload, {
    description: 'Attaches figures to a checkpoint of one’s own. For the lab; needs the permission catalog:publish.',
  })
  attachEvaluations(@Ctx() context: RequestContext, @Args('input') input: AttachEvaluationsInput) {
    const options = { name: 'attachEvaluations', permission: PUBLISH, input };
    return this.mutations.run(context, options, async (tx) => {
      const figures = input.evaluations.map((one) => ({ ...one, higherIsBetter: one.higherIsBetter ?? true }));
      await this.evaluations.attach(tx, input.checkpointId, figures);
      return { checkpoint: input.checkpointId };
    });
  }

  @Mutation(() => CheckpointPayload, {
    description:
      'Attaches answers to a checkpoint of one’s own, for comparison with others. For the lab; needs the permission catalog:publish.',
  })
  attachSamples(@Ctx() context: RequestContext, @Args('input') input: AttachSamplesInput) {
    const options = { name: 'attachSamples', permission: PUBLISH, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.samples.attach(tx, input.checkpointId, input.samples);
      return { checkpoint: input.checkpointId };
    });
  }

  @Mutation(() => RecipePayload, {
    description:
      'Recommends hyperparameters for a method on a family. For the lab; needs the permission catalog:publish.',
  })
  publishRecipe(@Ctx() context: RequestContext, @Args('input') input: PublishRecipeInput) {
    const options = { name: 'publishRecipe', permission: PUBLISH, input };
    return this.mutations.run(context, options, async (tx) => ({ recipe: await this.recipes.publish(tx, input) }));
  }

  @Mutation(() => CheckpointPayload, {
    description:
      'Ends new uses of a checkpoint; read retirementImpact first. For the lab; needs the permission catalog:publish.',
  })
  retireCheckpoint(@Ctx() context: RequestContext, @Args('input') input: RetireCheckpointInput) {
    const options = { name: 'retireCheckpoint', permission: PUBLISH, input };
    return this.mutations.run(context, options, async (tx) => {
      await this.retirement.retire(tx, input);
      return { checkpoint: input.checkpointId };
    });
  }

  @Mutation(() => CheckpointPayload, {
    description:
      'Deletes a variant of one’s own: its files go, and are not stored or charged for from now on; its name, lineage, hashes and figures stay. Refused while it is in use, see variantHolds. Deleting it again is no error. Needs the permission jobs:write.',
  })
  deleteVariant(@Ctx() context: RequestContext, @Args('input') input: DeleteVariantInput) {
    const options = { name: 'deleteVariant', permission: 'jobs:write', input };
    return this.mutations.run(context, options, async (tx) => {
      const { id } = await this.deletion.delete(tx, input.checkpointId);
      return { checkpoint: id };
    });
  }

  @Mutation(() => CheckpointPayload, {
    description:
      'Marks a draft or a published checkpoint for export control and residency, in place of what it was marked with. New uses by partners whose contracts don’t allow them are refused at once; jobs that run go on. For the lab; needs the permission catalog:publish.',
  })
  setCheckpointUseTags(@Ctx() context: RequestContext, @Args('input') input: SetCheckpointUseTagsInput) {
    const options = { name: 'setCheckpointUseTags', permission: PUBLISH, input };
    const { checkpointId, exportClassification = null, computeRegions } = input;
    return this.mutations.run(context, options, async (tx) => {
      await this.tags.set(tx, { checkpointId, exportClassification, computeRegions: computeRegions ?? [] });
      return { checkpoint: checkpointId };
    });
  }

  @Mutation(() => CheckpointDownloadPayload, {
    description:
      'Gives presigned requests for the files of a checkpoint; needs the entitlement DOWNLOAD_WEIGHTS or DOWNLOAD_OPTIMIZER_STATE.',
  })
  createCheckpointDownload(@Ctx() context: RequestContext, @Args('input') input: CreateCheckpointDownloadInput) {
    const options = { name: 'createCheckpointDownload', permission: 'catalog:read', input };
    return this.mutations.run(context, options, async (tx) => {
      return { files: new ShownOnce(await this.transfers.downloads(tx, input.model, input.part ?? 'weights')) };
    });
  }
}
