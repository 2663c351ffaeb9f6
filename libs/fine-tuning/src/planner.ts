import { Injectable } from '@nestjs/common';
import { assertSuffix, CatalogService, type PublishedCheckpoint, type SupervisedRecipe } from '#libs/catalog';
import { type Quote as PriceQuote, PriceService, ServiceStopService, TRAINING_METHOD } from '#libs/contracts';
import type { Preparation } from '#libs/datasets';
import { ProjectService } from '#libs/identity';
import type { Currency, ErrorPath } from '#libs/kernel';
import type { PreparationPolicy, SftLora } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { measuredTokensPerSecond } from './fine-tune-job.repository.js';
import { assertMetadata, type FineTuneRequest, refusedAt, withPath } from './fine-tune-request.js';
import { FINE_TUNING_ERRORS } from './fine-tuning.errors.js';
import {
  assertHyperparameters,
  type NamedAdapter,
  type RequestedHyperparameters,
  resolveDataPolicy,
  resolveHyperparameters,
} from './hyperparameters.js';
import { planTraining, type TrainingPlan } from './plan.js';

export interface Quote extends TrainingPlan {
  recipe: SftLora;
  /** By the price in force at the time that was asked for; also the most that will ever be billed for the job. */
  priceNanos: bigint;
  currency: Currency;
}

/** What the price of training depends on. */
type TrainingSubject = Pick<PublishedCheckpoint, 'familyId' | 'baseCheckpointId'> & { projectId: string };

/** Until the lab has published a rate, or jobs of the family have been measured. */
const FALLBACK_TOKENS_PER_SECOND = 2_000;

/** Where in a request lies what the catalog knows as a field of the adapter. */
const REQUEST_PATHS: Record<string, ErrorPath> = {
  rank: ['hyperparameters', 'rank'],
  targetModules: ['hyperparameters', 'targetModules'],
  maxTokens: ['dataPolicy', 'maxTokens'],
};

/** What a request may do, what training will take, and what it costs: nothing here changes anything. */
@Injectable()
export class FineTunePlanner {
  constructor(
    private readonly catalog: CatalogService,
    private readonly priceService: PriceService,
    private readonly projects: ProjectService,
    private readonly stops: ServiceStopService,
  ) {}

  /** Refuses what can't be trained or could not be served afterwards, before anything is charged. Gives the checkpoint to start from. */
  async admit(tx: Transaction, request: FineTuneRequest): Promise<PublishedCheckpoint> {
    const hyperparameters = request.hyperparameters ?? {};
    assertHyperparameters(hyperparameters);
    assertSuffix(request.suffix ?? null);
    assertMetadata(request.metadata);
    await this.projects.require(tx, request.projectId);
    await this.stops.assertMayWork(tx, { projectId: request.projectId });
    const path = ['model'];
    const parent = await refusedAt(path, this.catalog.getUsable(tx, request.model));
    await refusedAt(path, this.catalog.assertMay(tx, 'fine_tune', parent));
    // What has no price now can't be billed when it ends.
    await refusedAt(path, this.priceOf(tx, { ...parent, projectId: request.projectId }, 0));
    const { rank, target_modules } = await this.resolve(tx, parent, hyperparameters, { seed: 0, trainRows: 1 });
    const maxTokens = request.dataPolicy?.maxTokens;
    const [problem] = await this.catalog.servability(tx, parent, { rank, targetModules: target_modules, maxTokens });
    if (problem) throw withPath(problem, REQUEST_PATHS[String(problem.path[0])] ?? path);
    return parent;
  }

  policyOf(request: FineTuneRequest, parent: PublishedCheckpoint): PreparationPolicy {
    return resolveDataPolicy(request.dataPolicy ?? {}, {
      contextLength: parent.contextLength,
      hasValidationFile: request.validationFileId != null,
      // Not the job's own seed: jobs of one file share its preparation.
      seed: request.seed ?? 0,
    });
  }

  async price(
    tx: Transaction,
    parent: PublishedCheckpoint,
    preparation: Preparation,
    options: { projectId: string; requested: RequestedHyperparameters; seed: number; at?: Date },
  ): Promise<Quote> {
    const counts = preparation.report;
    if (!counts || counts.rows.train === 0) throw FINE_TUNING_ERRORS.TRAINING_SPLIT_EMPTY({ path: ['trainingFileId'] });
    const recipe = await this.resolve(tx, parent, options.requested, {
      seed: options.seed,
      trainRows: counts.rows.train,
    });
    const measured = await measuredTokensPerSecond(tx, parent.familyId);
    const published = (await this.familyRecipe(tx, parent)).tokens_per_second;
    const plan = planTraining(counts, recipe, measured ?? published ?? FALLBACK_TOKENS_PER_SECOND);
    const { projectId, at } = options;
    const { roundedNanos, price: priced } = await this.priceOf(tx, { ...parent, projectId }, plan.tokens, at);
    return { ...plan, recipe, priceNanos: roundedNanos, currency: priced.currency };
  }

  /** What training so many tokens should take by jobs of a family that ended lately; null where none did. */
  async recordedSeconds(tx: Transaction, familyId: string, tokens: number): Promise<number | null> {
    const measured = await measuredTokensPerSecond(tx, familyId);
    return measured === null ? null : Math.round(tokens / measured);
  }

  /** What training tokens from a checkpoint come to at most, at the prices of a time or now. */
  priceOf(
    tx: Transaction,
    { projectId, familyId, baseCheckpointId }: TrainingSubject,
    tokens: number,
    at?: Date,
  ): Promise<PriceQuote> {
    return this.priceService.quote(tx, {
      meter: 'training_tokens',
      quantity: BigInt(tokens),
      projectId,
      familyId,
      baseCheckpointId,
      method: TRAINING_METHOD,
      at,
    });
  }

  private async resolve(
    tx: Transaction,
    parent: PublishedCheckpoint,
    requested: RequestedHyperparameters,
    data: { seed: number; trainRows: number },
  ): Promise<SftLora> {
    return resolveHyperparameters(requested, await this.familyRecipe(tx, parent), {
      ...data,
      continues: shapeOf(parent),
    });
  }

  private async familyRecipe(tx: Transaction, parent: PublishedCheckpoint): Promise<SupervisedRecipe> {
    return (await this.catalog.resolveRecipe(tx, parent.familyId, 'supervised')).hyperparameters;
  }
}

/** An adapter is trained on as it is: same rank, scaling and targets. */
function shapeOf({ name, adapter }: PublishedCheckpoint): NamedAdapter | undefined {
  return adapter ? { name, ...adapter } : undefined;
}
