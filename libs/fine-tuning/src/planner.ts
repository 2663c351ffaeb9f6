import { Injectable } from '@nestjs/common';
import { CatalogService, type Checkpoint } from '#libs/catalog';
import { EntitlementService, RateService } from '#libs/contracts';
import type { Preparation } from '#libs/datasets';
import type { PreparationPolicy, SftLora } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { measuredTokensPerSecond } from './fine-tune-job.repository.js';
import type { FineTuneRequest } from './fine-tune-request.js';
import { FINE_TUNING_ERRORS } from './fine-tuning.errors.js';
import {
  type AdapterShape,
  assertHyperparameters,
  type RequestedHyperparameters,
  resolveDataPolicy,
  resolveHyperparameters,
  SupervisedRecipe,
} from './hyperparameters.js';
import { planTraining, type TrainingPlan } from './plan.js';

export interface Quote extends TrainingPlan {
  recipe: SftLora;
  /** By the price in force now; also the most that will ever be billed for the job. */
  priceNanos: bigint;
}

/** Until the lab has published a rate, or jobs from the checkpoint have been measured. */
const FALLBACK_TOKENS_PER_SECOND = 2_000;

/** What a request may do, what training will take, and what it costs: nothing here changes anything. */
@Injectable()
export class FineTunePlanner {
  constructor(
    private readonly catalog: CatalogService,
    private readonly entitlements: EntitlementService,
    private readonly rates: RateService,
  ) {}

  /** Refuses what can't be trained or could not be served afterwards, before anything is charged. Gives the checkpoint to start from. */
  async admit(tx: Transaction, request: FineTuneRequest): Promise<Checkpoint> {
    const hyperparameters = request.hyperparameters ?? {};
    assertHyperparameters(hyperparameters);
    if (request.suffix !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(request.suffix)) {
      throw FINE_TUNING_ERRORS.SUFFIX_INVALID({ path: ['suffix'] });
    }
    const parent = await this.catalog.getVisible(tx, request.model);
    await this.entitlements.assertMay(tx, {
      action: 'fine_tune',
      checkpointId: parent.baseCheckpointId,
      familyId: parent.familyId,
      subjectName: parent.name,
    });
    const { rank, target_modules } = await this.resolve(tx, parent, hyperparameters, { seed: 0, trainRows: 1 });
    this.catalog.assertServable(parent, { rank, targetModules: target_modules });
    return parent;
  }

  policyOf(request: FineTuneRequest, parent: Checkpoint): PreparationPolicy {
    return resolveDataPolicy(request.dataPolicy ?? {}, {
      contextLength: parent.contextLength,
      hasValidationFile: request.validationFileId !== undefined,
      // Not the job's own seed: jobs of one file share its preparation.
      seed: request.seed ?? 0,
    });
  }

  async price(
    tx: Transaction,
    parent: Checkpoint,
    preparation: Preparation,
    options: { requested: RequestedHyperparameters; seed: number },
  ): Promise<Quote> {
    const counts = preparation.report;
    if (!counts || counts.rows.train === 0) throw FINE_TUNING_ERRORS.TRAINING_SPLIT_EMPTY({ path: ['trainingFileId'] });
    const recipe = await this.resolve(tx, parent, options.requested, {
      seed: options.seed,
      trainRows: counts.rows.train,
    });
    const measured = await measuredTokensPerSecond(tx, parent.id);
    const published = (await this.familyRecipe(tx, parent)).tokens_per_second;
    const plan = planTraining(counts, recipe, measured ?? published ?? FALLBACK_TOKENS_PER_SECOND);
    return { ...plan, recipe, priceNanos: await this.priceOf(tx, parent, plan.tokens) };
  }

  /** What training tokens from a checkpoint cost, at a time or now. */
  async priceOf(
    tx: Transaction,
    parent: Pick<Checkpoint, 'familyId' | 'baseCheckpointId'>,
    tokens: number,
    at?: Date,
  ): Promise<bigint> {
    const { familyId, baseCheckpointId } = parent;
    const quote = await this.rates.quote(tx, {
      meter: 'training_tokens',
      quantity: BigInt(tokens),
      familyId,
      baseCheckpointId,
      at,
    });
    return quote.roundedNanos;
  }

  private async resolve(
    tx: Transaction,
    parent: Checkpoint,
    requested: RequestedHyperparameters,
    data: { seed: number; trainRows: number },
  ): Promise<SftLora> {
    return resolveHyperparameters(requested, await this.familyRecipe(tx, parent), {
      ...data,
      continues: shapeOf(parent),
    });
  }

  private async familyRecipe(tx: Transaction, parent: Checkpoint): Promise<SupervisedRecipe> {
    const { hyperparameters } = await this.catalog.resolveRecipe(tx, parent.familyId, 'supervised');
    return SupervisedRecipe.parse(hyperparameters);
  }
}

/** An adapter is trained on as it is: same rank, scaling and targets. */
function shapeOf({ kind, name, adapter }: Checkpoint): AdapterShape | undefined {
  if (kind !== 'adapter' || !adapter) return undefined;
  return {
    name,
    rank: adapter.rank,
    alpha: adapter.alpha,
    targetModules: adapter.targetModules,
    rslora: adapter.rslora,
  };
}
