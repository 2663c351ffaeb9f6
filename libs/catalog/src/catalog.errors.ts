import { defineErrors } from '#libs/kernel';

export const CATALOG_ERRORS = defineErrors('catalog', {
  MODEL_FAMILY_NOT_FOUND: {
    status: 404,
    message: (p: { family: string }) => `No model family ${p.family} that you may see: list them with modelFamilies.`,
  },
  TRAINING_RUN_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No training run ${p.id} of this family.`,
  },
  CHECKPOINT_NOT_FOUND: {
    status: 404,
    message: (p: { model: string }) =>
      `No checkpoint ${p.model} that you may see: give a name or an id from the query checkpoints.`,
  },
  MODEL_NAME_INVALID: {
    status: 400,
    message: (p: { name: string }) =>
      `${p.name} can't be a name: use 1 to 40 lower-case letters, digits, "-" and ".", beginning and ending in a letter or digit.`,
  },
  MODEL_NAME_RESERVED: {
    status: 400,
    message: (p: { name: string }) => `The name ${p.name} is reserved, since names of variants begin with it.`,
  },
  MODEL_NAME_TAKEN: {
    status: 409,
    message: (p: { name: string }) => `The name ${p.name} is taken: choose another one.`,
  },
  SUFFIX_UNUSABLE: {
    status: 400,
    message: 'A suffix has 1 to 64 characters: letters, digits, "-" and "_".',
  },
  LORA_RANK_UNSUPPORTED: {
    status: 400,
    message: (p: { rank: number; allowed: string }) =>
      `Engines can't be started with a maximal rank of ${p.rank}: use one of ${p.allowed}.`,
  },
  CHECKPOINT_FILES_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `These files are no checkpoint: ${p.problem}.`,
  },
  CHECKPOINT_STATE: {
    status: 409,
    message: (p: { name: string; status: string; action: string }) =>
      `${p.name} is ${p.status}, so it can't be ${p.action}.`,
  },
  USE_TAGS_OF_BASE: {
    status: 409,
    message: (p: { name: string; base: string }) =>
      `${p.name} is an adapter, and stands under the tags of what it is loaded on: set those of ${p.base}.`,
  },
  USE_TAG_INVALID: {
    status: 400,
    message: (p: { tag: string }) => `${p.tag} can't be a tag: use 1 to 40 letters, digits and . _ / -, each tag once.`,
  },
  CHECKPOINT_HAS_CHILD: {
    status: 409,
    message: (p: { name: string; child: string }) =>
      `${p.child} was made from ${p.name}: discard that one first, or publish both.`,
  },
  CHECKPOINT_RETIRED: {
    status: 409,
    message: (p: { name: string; reason: string }) =>
      `${p.name} is retired (${p.reason}): what exists of it goes on, nothing new begins from it. Choose another checkpoint.`,
  },
  VARIANT_NOT_OWN: {
    status: 403,
    message: (p: { name: string }) =>
      `${p.name} is no variant of your organization, so it can't be deleted: the lab retires its checkpoints, and whoever lists a variant withdraws the listing.`,
  },
  VARIANT_IN_USE: {
    status: 409,
    message: (p: { name: string; holds: string }) => `${p.name} can't be deleted while it is in use: ${p.holds}.`,
  },
  PARENT_UNUSABLE: {
    status: 400,
    message: (p: { problem: string }) => `The parent can't be used: ${p.problem}.`,
  },
  EVALUATION_EXISTS: {
    status: 409,
    message: (p: { name: string; metric: string }) =>
      `${p.metric} of ${p.name} is attached to this checkpoint with other values, and what is published does not change: attach it under another name.`,
  },
  SAMPLE_EXISTS: {
    status: 409,
    message: () =>
      'Another output for this prompt is attached to this checkpoint, and what is published does not change: leave the sample out, or give another prompt.',
  },
  RETIREMENT_IMPACT_CHANGED: {
    status: 409,
    message:
      'Who is affected is not what you acknowledged: read retirementImpact again and give its digest as acknowledgedImpact.',
  },
  RECIPE_NOT_FOUND: {
    status: 404,
    message: (p: { method: string; family: string }) =>
      `${p.family} has no recommended recipe for ${p.method}: give every hyperparameter, or ask the lab to publish one.`,
  },
  RECIPE_INVALID: { status: 400, message: (p: { problem: string }) => `The recipe can't be used: ${p.problem}.` },
  RANK_NOT_SERVABLE: {
    status: 400,
    message: (p: { rank: number; maximum: number }) =>
      `Adapters of rank ${p.rank} can't be served on this family: use a rank of at most ${p.maximum}.`,
  },
  TARGETS_NOT_SERVABLE: {
    status: 400,
    message: (p: { modules: string; supported: string }) =>
      `Adapters on ${p.modules} can't be served on this architecture: choose target modules among ${p.supported}.`,
  },
  ARCHITECTURE_NOT_SERVABLE: {
    status: 400,
    message: (p: { modelType: string; supported: string }) =>
      `Checkpoints of the architecture ${p.modelType} can't be served with adapters: engines take ${p.supported}.`,
  },
  HEAD_SIZE_NOT_SERVABLE: {
    status: 400,
    message: (p: { headSize: number; supported: string }) =>
      `The attention heads of this checkpoint have size ${p.headSize}, which engines can't serve: they take ${p.supported}.`,
  },
  CONTEXT_NOT_SERVABLE: {
    status: 400,
    message: (p: { tokens: number; contextLength: number }) =>
      `Rows of ${p.tokens} tokens don't fit the context of this checkpoint: use at most ${p.contextLength}.`,
  },
  ADAPTER_FEATURE_NOT_SERVABLE: {
    status: 400,
    message: (p: { feature: string }) => `Adapters with ${p.feature} can't be served: train without it.`,
  },
  OUTPUT_INCOMPLETE: {
    status: 422,
    message: (p: { path: string }) => `The output of the job holds no ${p.path}: it can't be served.`,
  },
  OUTPUT_DIFFERS_FROM_BASE: {
    status: 422,
    message: (p: { what: string }) =>
      `The job was run with another ${p.what} than the base checkpoint has: what is trained must be what is served.`,
  },
});
