import type { VariablesOf } from '../../../api';
import { z } from '../../../api/schema';
import type { FineTuneQuoted } from '../documents';

/** The recipe of the family, as the lab published it. */
export interface Recipe {
  rank: number;
  alpha: number;
  dropout: number;
  n_epochs: number;
  scheduler: string;
  batch_size: number;
  warmup_steps: number;
  weight_decay: number;
  learning_rate: number;
}

export interface NumberSetting {
  label: string;
  /** What it does, and which way to turn it. */
  help: string;
  minimum: number;
  maximum: number;
  whole?: boolean;
  /** The value in force when it is left alone. */
  usual: (recipe: Recipe) => string;
}

/** The bounds are the api's: it would refuse the same. */
export const NUMBER_SETTINGS = {
  epochs: {
    label: 'Epochs',
    help: 'Passes over your data. More fits it closer, and costs as much more.',
    minimum: 0.01,
    maximum: 50,
    usual: ({ n_epochs }) => String(n_epochs),
  },
  learningRateMultiplier: {
    label: 'Learning rate, times',
    help: 'Multiplies the recommended rate. Halve it if the loss jumps, double it if it hardly moves.',
    minimum: 0.001,
    maximum: 1_000,
    usual: () => '1',
  },
  batchSize: {
    label: 'Batch size, rows',
    help: 'Rows per step. Larger is steadier and makes fewer steps.',
    minimum: 1,
    maximum: 1_024,
    whole: true,
    usual: ({ batch_size }) => String(batch_size),
  },
  rank: {
    label: 'Adapter rank',
    help: 'How much the adapter can hold. Raise it for a new format or language.',
    minimum: 1,
    maximum: 512,
    whole: true,
    usual: ({ rank }) => String(rank),
  },
  alpha: {
    label: 'Adapter alpha',
    help: 'Weight of the adapter; left alone it keeps its ratio to the rank.',
    minimum: 0.01,
    maximum: 4_096,
    usual: ({ alpha, rank }) => `${alpha / rank} × rank`,
  },
  dropout: {
    label: 'Dropout',
    help: 'Share of the adapter that rests at each step: against learning a small file by heart.',
    minimum: 0,
    maximum: 0.9,
    usual: ({ dropout }) => String(dropout),
  },
  weightDecay: {
    label: 'Weight decay',
    help: 'Pulls the adapter towards zero.',
    minimum: 0,
    maximum: 10,
    usual: ({ weight_decay }) => String(weight_decay),
  },
  warmupSteps: {
    label: 'Warm-up steps',
    help: 'Steps over which the learning rate rises.',
    minimum: 0,
    maximum: 100_000,
    whole: true,
    usual: ({ warmup_steps }) => String(warmup_steps),
  },
  maxSteps: {
    label: 'Most steps',
    help: 'Ends training early, for a first look.',
    minimum: 1,
    maximum: 10_000_000,
    whole: true,
    usual: () => 'all of the epochs',
  },
  checkpointEverySteps: {
    label: 'Checkpoint every, steps',
    help: 'Each can be called and deployed; a lost machine costs no more than what lies between two.',
    minimum: 1,
    maximum: 1_000_000,
    whole: true,
    usual: () => 'twice an epoch',
  },
  seed: {
    label: 'Seed',
    help: 'Of everything random: the same seed gives the same run.',
    minimum: 0,
    maximum: 2_147_483_647,
    whole: true,
    usual: () => 'made from the job',
  },
  maxTokens: {
    label: 'Longest row, tokens',
    help: 'Template included. What is longer is treated as chosen beside.',
    minimum: 2,
    maximum: 1_000_000,
    whole: true,
    usual: () => 'the whole context',
  },
  validationPercent: {
    label: 'Kept for validation, %',
    help: 'Rows that are measured but not trained on: shows when the model only learns by heart.',
    minimum: 0,
    maximum: 50,
    usual: () => '0',
  },
} as const satisfies Record<string, NumberSetting>;

export type NumberSettingName = keyof typeof NUMBER_SETTINGS;

const optionalNumber = ({ minimum, maximum, whole }: NumberSetting) =>
  z.string().superRefine((text, context) => {
    const value = Number(text.trim());
    if (text.trim() === '') return;
    if (!Number.isFinite(value)) context.addIssue('A number, with a point for decimals.');
    else if (whole && !Number.isInteger(value)) context.addIssue('A whole number.');
    else if (value < minimum || value > maximum) context.addIssue(`Between ${minimum} and ${maximum}.`);
  });

const numbers = Object.fromEntries(
  Object.entries(NUMBER_SETTINGS).map(([name, setting]) => [name, optionalNumber(setting)]),
) as Record<NumberSettingName, ReturnType<typeof optionalNumber>>;

export const OVER_LONG = ['REJECT', 'DROP', 'TRUNCATE'] as const;
export const SCHEDULES = ['CONSTANT', 'LINEAR', 'COSINE'] as const;

export const Settings = z.object({
  suffix: z.string().regex(/^[A-Za-z0-9_-]{0,64}$/, 'Letters, digits, - and _; at most 64.'),
  scheduler: z.enum(['', ...SCHEDULES]),
  overLong: z.enum(OVER_LONG),
  ...numbers,
});
export type SettingsValues = z.infer<typeof Settings>;

export const NO_SETTINGS: SettingsValues = {
  suffix: '',
  scheduler: '',
  overLong: 'REJECT',
  ...(Object.fromEntries(Object.keys(NUMBER_SETTINGS).map((name) => [name, ''])) as Record<NumberSettingName, string>),
};

export type JobRequest = VariablesOf<typeof FineTuneQuoted>['input'];

/** What is asked of the api: what was left alone is left out, so that the recipe holds. */
export function requestOf(
  values: SettingsValues,
  target: { projectId: string; model: string; trainingFileId: string },
): JobRequest {
  const number = (name: NumberSettingName) => (values[name].trim() === '' ? undefined : Number(values[name]));
  const percent = number('validationPercent');
  const hyperparameters = present({
    epochs: number('epochs'),
    learningRateMultiplier: number('learningRateMultiplier'),
    batchSize: number('batchSize'),
    rank: number('rank'),
    alpha: number('alpha'),
    dropout: number('dropout'),
    scheduler: values.scheduler || undefined,
    warmupSteps: number('warmupSteps'),
    weightDecay: number('weightDecay'),
    maxSteps: number('maxSteps'),
    checkpointEverySteps: number('checkpointEverySteps'),
  });
  const dataPolicy = present({
    overLong: values.overLong === 'REJECT' ? undefined : values.overLong,
    maxTokens: number('maxTokens'),
    validationFraction: percent === undefined ? undefined : percent / 100,
  });
  return {
    ...target,
    ...present({
      suffix: values.suffix || undefined,
      seed: number('seed'),
      hyperparameters: Object.keys(hyperparameters).length > 0 ? hyperparameters : undefined,
      dataPolicy: Object.keys(dataPolicy).length > 0 ? dataPolicy : undefined,
    }),
  };
}

/** Which field of the form an input path of the api is. */
export const FIELD_OF_PATH = {
  ...Object.fromEntries(Object.keys(NUMBER_SETTINGS).map((name) => [`hyperparameters.${name}`, name])),
  'hyperparameters.scheduler': 'scheduler',
  'dataPolicy.maxTokens': 'maxTokens',
  'dataPolicy.validationFraction': 'validationPercent',
  'dataPolicy.overLong': 'overLong',
} as Record<string, keyof SettingsValues>;

function present<T extends object>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;
}
