import { registerEnumType } from '@nestjs/graphql';
import { enumOf } from '#platform/graphql';
import { CHECKPOINT_ORDERS } from '../checkpoint.repository.js';
import { STAGES } from '../family.js';
import { RECIPE_METHODS } from '../recipe.js';
import { VARIANT_HOLDERS } from '../variant-hold.js';

export const StageEnum = enumOf(STAGES);
registerEnumType(StageEnum, {
  name: 'TrainingStage',
  description: 'What a training run does.',
  valuesMap: {
    PRETRAINING: { description: 'Learns from much text, from nothing.' },
    MIDTRAINING: { description: 'Goes on with selected text.' },
    SFT: { description: 'Learns from demonstrations.' },
    RL: { description: 'Learns from rewards.' },
  },
});

export const CheckpointKindEnum = enumOf(['base', 'adapter', 'merged'] as const);
registerEnumType(CheckpointKindEnum, {
  name: 'CheckpointKind',
  description: 'What a checkpoint consists of.',
  valuesMap: {
    BASE: { description: 'A whole model that training made.' },
    ADAPTER: { description: 'Low-rank matrices on top of a base.' },
    MERGED: { description: 'An adapter and its base made one.' },
  },
});

export const CheckpointStatusEnum = enumOf(['draft', 'verifying', 'published', 'retired'] as const);
registerEnumType(CheckpointStatusEnum, {
  name: 'CheckpointStatus',
  description: 'Where a checkpoint stands; all but its owner see it once it is published.',
  valuesMap: {
    DRAFT: { description: 'Declared; its files are to be uploaded.' },
    VERIFYING: { description: 'Every byte is being read.' },
    PUBLISHED: { description: 'Immutable, and there to be used by those who are entitled.' },
    RETIRED: { description: 'Nothing new begins from it; what exists of it goes on.' },
  },
});

export const CheckpointPartEnum = enumOf(['weights', 'optimizer'] as const);
registerEnumType(CheckpointPartEnum, {
  name: 'CheckpointPart',
  description: 'Which of its files; each part needs an entitlement of its own to be downloaded.',
  valuesMap: {
    WEIGHTS: { description: 'All that serving and forking need.' },
    OPTIMIZER: { description: 'The state that training goes on from.' },
  },
});

export const CheckpointOrderEnum = enumOf(CHECKPOINT_ORDERS);
registerEnumType(CheckpointOrderEnum, {
  name: 'CheckpointOrder',
  description: 'What comes first in a list.',
  valuesMap: {
    NEWEST: { description: 'What was made last.' },
    STEP: { description: 'The lowest step.' },
    NAME: { description: 'By name.' },
  },
});

export const RecipeMethodEnum = enumOf(RECIPE_METHODS);
registerEnumType(RecipeMethodEnum, {
  name: 'RecipeMethod',
  description: 'A way of fine-tuning.',
  valuesMap: { SUPERVISED: { description: 'Learns from demonstrations, by LoRA.' } },
});

export const VariantHolderEnum = enumOf(VARIANT_HOLDERS);
registerEnumType(VariantHolderEnum, {
  name: 'VariantHolder',
  description: 'What keeps a variant from being deleted.',
  valuesMap: {
    LISTING: { description: 'It is offered to other partners, or the lab looks at that offer: withdraw it.' },
    DEPLOYMENT: { description: 'It answers with it: deploy something else there, or delete it.' },
    FINE_TUNE_JOB: {
      description: 'It begins from it, or makes it and may go on from it: wait for its end, or cancel it.',
    },
    EVALUATION_RUN: { description: 'It measures it: wait for its end, or cancel it.' },
    JOBS_OF_OTHERS: { description: 'Jobs of organizations that it was listed for read it: wait for their end.' },
  },
});
