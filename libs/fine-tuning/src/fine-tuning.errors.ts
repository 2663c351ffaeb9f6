import { defineErrors } from '#libs/kernel';

export const FINE_TUNING_ERRORS = defineErrors('fine-tuning', {
  FINE_TUNE_JOB_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No fine-tune job ${p.id} that you may see.`,
  },
  HYPERPARAMETER_OUT_OF_RANGE: {
    status: 400,
    message: (p: { name: string; minimum: number; maximum: number }) =>
      `${p.name} lies outside ${p.minimum} to ${p.maximum}: choose a value within.`,
  },
  METHOD_UNSUPPORTED: {
    status: 400,
    message: (p: { method: string }) => `The method ${p.method} is not offered on this platform: use supervised.`,
  },
  METADATA_INVALID: {
    status: 400,
    message: 'Metadata is up to 16 pairs of text: keys of up to 64 characters, values of up to 512.',
  },
  FILE_IN_OTHER_PROJECT: {
    status: 400,
    message: (p: { id: string; projectId: string }) =>
      `${p.id} belongs to another project than ${p.projectId}: name a file of the job's own project.`,
  },
  FINE_TUNE_JOB_NOT_PAUSED: {
    status: 409,
    message: (p: { id: string; status: string }) => `${p.id} is ${p.status}: only a job that is paused can be resumed.`,
  },
  BASE_CONTINUES_OTHER_SHAPE: {
    status: 400,
    message: (p: { model: string; rank: number }) =>
      `${p.model} is an adapter: training it on keeps its rank (${p.rank}), alpha and target modules. Leave these out, or start from its base.`,
  },
  COST_CAP_TOO_LOW: {
    status: 402,
    message: (p: { cost: string; cap: string }) =>
      `The job costs ${p.cost}, above the cap of ${p.cap}: raise the cap, or train fewer tokens.`,
  },
  TRAINING_SPLIT_EMPTY: {
    status: 400,
    message: 'No row is left to train on: lower the validation fraction, or add rows.',
  },
});
