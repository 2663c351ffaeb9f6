import { createHash } from 'node:crypto';
import type { AdapterShape, SupervisedRecipe } from '#libs/catalog';
import type { PreparationPolicy, SftLora } from '#libs/messages';
import { FINE_TUNING_ERRORS } from './fine-tuning.errors.js';

/** What a partner may choose. Absent and `auto` mean: as the family's recommended recipe says. */
export interface RequestedHyperparameters {
  batchSize?: number | 'auto';
  learningRateMultiplier?: number | 'auto';
  epochs?: number | 'auto';
  rank?: number;
  alpha?: number;
  targetModules?: string[];
  dropout?: number;
  weightDecay?: number;
  warmupSteps?: number;
  scheduler?: 'constant' | 'linear' | 'cosine';
  maxSteps?: number;
  checkpointEverySteps?: number;
}

/** What happens to rows longer than the checkpoint's context, and which rows are kept for validation. */
export interface RequestedDataPolicy {
  overLong?: 'reject' | 'drop' | 'truncate';
  validationFraction?: number;
  maxTokens?: number;
}

const RANGES = {
  batchSize: [1, 1024],
  learningRateMultiplier: [0.001, 1000],
  epochs: [0.01, 50],
  rank: [1, 512],
  alpha: [0.01, 4096],
  dropout: [0, 0.9],
  weightDecay: [0, 10],
  warmupSteps: [0, 100_000],
  maxSteps: [1, 10_000_000],
  checkpointEverySteps: [1, 1_000_000],
} as const satisfies Partial<Record<keyof RequestedHyperparameters, readonly [number, number]>>;

/** An adapter that is trained on: its shape can't change. */
export type NamedAdapter = AdapterShape & { name: string };

/** Checks every value's range; the path is that of the input's `hyperparameters`. */
export function assertHyperparameters(requested: RequestedHyperparameters): void {
  for (const [name, [minimum, maximum]] of Object.entries(RANGES)) {
    const value = requested[name as keyof typeof RANGES];
    if (value === undefined || value === null || value === 'auto') continue;
    if (!(value >= minimum && value <= maximum)) {
      throw FINE_TUNING_ERRORS.HYPERPARAMETER_OUT_OF_RANGE(
        { name, minimum, maximum },
        { path: ['hyperparameters', name] },
      );
    }
  }
}

/** The values that will be in force: the recipe, what was asked for over it, multipliers multiplied. */
export function resolveHyperparameters(
  requested: RequestedHyperparameters,
  recipe: SupervisedRecipe,
  options: { seed: number; trainRows: number; continues?: NamedAdapter },
): SftLora {
  const { continues } = options;
  if (continues) assertSameShape(requested, continues);
  const batchSize = number(requested.batchSize) ?? recipe.batch_size;
  const epochs = number(requested.epochs) ?? recipe.n_epochs;
  const stepsPerEpoch = Math.ceil(options.trainRows / (batchSize * recipe.gradient_accumulation));
  const rank = continues?.rank ?? requested.rank ?? recipe.rank;
  return {
    type: 'sft_lora',
    rank,
    // The usual rule: a rank of one's own keeps the recipe's ratio of alpha to rank.
    alpha: continues?.alpha ?? requested.alpha ?? (recipe.alpha / recipe.rank) * rank,
    target_modules: continues?.targetModules ?? requested.targetModules ?? recipe.target_modules,
    dropout: requested.dropout ?? recipe.dropout,
    rslora: continues?.rslora ?? recipe.rslora,
    learning_rate: recipe.learning_rate * (number(requested.learningRateMultiplier) ?? 1),
    scheduler: requested.scheduler ?? recipe.scheduler,
    warmup_steps: requested.warmupSteps ?? recipe.warmup_steps,
    batch_size: batchSize,
    gradient_accumulation: recipe.gradient_accumulation,
    n_epochs: epochs,
    ...(requested.maxSteps ? { max_steps: requested.maxSteps } : {}),
    seed: options.seed,
    weight_decay: requested.weightDecay ?? recipe.weight_decay,
    max_grad_norm: recipe.max_grad_norm,
    logging_steps: 1,
    // Twice an epoch unless asked otherwise: a lost machine costs half an epoch at most.
    checkpoint_every_steps: requested.checkpointEverySteps ?? Math.max(1, Math.ceil(stepsPerEpoch / 2)),
  };
}

export function resolveDataPolicy(
  requested: RequestedDataPolicy,
  options: { contextLength: number; hasValidationFile: boolean; seed: number },
): PreparationPolicy {
  const fraction = options.hasValidationFile ? 0 : (requested.validationFraction ?? 0);
  return {
    over_long: requested.overLong ?? 'reject',
    max_tokens: Math.min(requested.maxTokens ?? options.contextLength, options.contextLength),
    validation_fraction: fraction,
    // It says which rows are kept for validation: where none are, jobs of other seeds share the preparation.
    seed: fraction === 0 ? 0 : options.seed,
  };
}

/** A job without a seed gets one that follows from its id, so that it is known and stays. */
export function seedOf(jobId: string): number {
  return createHash('sha256').update(jobId).digest().readUInt32BE(0) & 0x7fffffff;
}

function number(value: number | 'auto' | undefined | null): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function assertSameShape(
  requested: RequestedHyperparameters,
  { name, rank, alpha, targetModules }: NamedAdapter,
): void {
  const differs =
    (requested.rank != null && requested.rank !== rank) ||
    (requested.alpha != null && requested.alpha !== alpha) ||
    (requested.targetModules != null &&
      String([...requested.targetModules].sort()) !== String([...targetModules].sort()));
  if (differs)
    throw FINE_TUNING_ERRORS.BASE_CONTINUES_OTHER_SHAPE({ model: name, rank }, { path: ['hyperparameters'] });
}
