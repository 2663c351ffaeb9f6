import { Inject } from '@nestjs/common';
import { Args, ArgsType, Field, ID, InputType, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import {
  conditionNotMet,
  ENTITLEMENT_ACTIONS,
  type EntitlementAction,
  EntitlementService,
  type EntitlementSubject,
  highestNanos,
  licenseInForce,
  listingIdsOf,
  type Price,
  PriceService,
  total,
  type UseConditions,
  unmetCondition,
} from '#libs/contracts';
import { ContentEndType, EntitlementActionEnum, LicenseType, MeterEnum, PriceType } from '#libs/contracts/graphql';
import { CLOCK, type Clock, type DomainError, type Meter } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import {
  BigIntScalar,
  type Connection,
  ConnectionArgs,
  Ctx,
  MoneyType,
  type RequestContext,
  UserError,
} from '#platform/graphql';
import { type Checkpoint, entitlementSubjectOf, isPublished } from '../checkpoint.js';
import { filesOf } from '../checkpoint-files.repository.js';
import { CheckpointEvaluationService } from '../evaluation.service.js';
import type { ModelFamily } from '../family.js';
import { ancestorsOf, descendantsOf, type LineageStep } from '../lineage.repository.js';
import type { CheckpointPart } from '../manifest.js';
import { CheckpointSampleService } from '../sample.service.js';
import { servabilityProblems } from '../servability.js';
import { type FileTransfer, TransferService } from '../transfer.service.js';
import {
  CheckpointEvaluationType,
  CheckpointFileType,
  CheckpointRecipeType,
  CheckpointSampleType,
  CheckpointType,
  FileTransferType,
  LineageConnection,
  LineageEdgeType,
} from './checkpoint.types.js';
import { CheckpointPartEnum } from './enums.js';

@InputType({ description: 'An adapter that one thinks of training.' })
export class AdapterInput {
  @Field(() => Int, { description: 'Its rank.' }) rank!: number;
  @Field(() => [String], { nullable: true, description: 'Its target modules; all linear ones if left out.' })
  targetModules?: string[];
  @Field(() => Int, { nullable: true, description: 'The longest row it is trained on, in tokens.' }) maxTokens?: number;
}

@ArgsType()
export class PricesArgs {
  @Field(() => ID, { nullable: true, description: 'The project that would pay: a contract may have prices for it.' })
  projectId?: string | null;
}

/** What a checkpoint is asked beyond its own row: each field reads for all checkpoints of an answer in one statement. */
@Resolver(() => CheckpointType)
export class CheckpointFields {
  constructor(
    private readonly database: Database,
    private readonly evaluationService: CheckpointEvaluationService,
    private readonly sampleService: CheckpointSampleService,
    private readonly entitlements: EntitlementService,
    private readonly priceService: PriceService,
    private readonly transfers: TransferService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @ResolveField()
  removal(@Parent() { removal }: Checkpoint): ContentEndType | null {
    return ContentEndType.of(removal);
  }

  @ResolveField(() => CheckpointRecipeType, { description: 'How it was made from its parent, or from nothing.' })
  recipe(@Parent() { recipe }: Checkpoint): CheckpointRecipeType {
    return presentRecipe(recipe);
  }

  @ResolveField(() => [LineageEdgeType], {
    description: 'The way up from here, nearest first, as far as the caller may see.',
  })
  async ancestors(@Ctx() context: RequestContext, @Parent() checkpoint: Checkpoint): Promise<LineageEdgeType[]> {
    const steps = await this.batched(context, 'ancestors', {}, ancestorsOf).load(checkpoint.id);
    return steps.map((step, position) => {
      const child = steps[position - 1]?.checkpoint ?? checkpoint;
      return edgeOf(step.generation, child, step.checkpoint.id);
    });
  }

  @ResolveField(() => LineageConnection, { description: 'What was made from it, near generations first.' })
  async descendants(@Ctx() context: RequestContext, @Parent() { id }: Checkpoint, @Args() args: ConnectionArgs) {
    const read = (tx: Transaction, ids: readonly string[]) => descendantsOf(tx, ids, args);
    return presentSteps(await this.batched(context, 'descendants', args, read).load(id));
  }

  @ResolveField(() => [CheckpointSampleType], { description: 'Answers that the owner attached, in its order.' })
  samples(@Ctx() context: RequestContext, @Parent() { id }: Checkpoint) {
    const read = (tx: Transaction, ids: readonly string[]) => this.sampleService.ofCheckpoints(tx, ids);
    return this.batched(context, 'samples', {}, read).load(id);
  }

  @ResolveField(() => [CheckpointEvaluationType], { description: 'Figures that the owner attached.' })
  evaluations(@Ctx() context: RequestContext, @Parent() { id }: Checkpoint) {
    const read = (tx: Transaction, ids: readonly string[]) => this.evaluationService.ofCheckpoints(tx, ids);
    return this.batched(context, 'evaluations', {}, read).load(id);
  }

  @ResolveField(() => [CheckpointFileType], { description: 'Its files by name and content, at most 2,000.' })
  files(
    @Ctx() context: RequestContext,
    @Parent() { id }: Checkpoint,
    @Args('part', { type: () => CheckpointPartEnum, nullable: true, description: 'Only those of this part.' })
    part?: CheckpointPart,
  ) {
    const read = (tx: Transaction, ids: readonly string[]) => filesOf(tx, ids, part ?? null);
    return this.batched(context, 'files', { part }, read).load(id);
  }

  @ResolveField(() => [FileTransferType], {
    description: 'Of a draft, for those who may publish it: how to upload the files that are not verified yet.',
  })
  pendingUploads(@Ctx() context: RequestContext, @Parent() { id }: Checkpoint): Promise<FileTransfer[]> {
    if (!context.principal.permissions.has('catalog:publish')) return Promise.resolve([]);
    const read = (tx: Transaction, ids: readonly string[]) => this.transfers.uploads(tx, ids);
    return this.batched(context, 'pendingUploads', {}, read).load(id);
  }

  @ResolveField(() => [EntitlementActionEnum], { description: 'What the caller’s organization may do with it now.' })
  async allowedActions(@Ctx() context: RequestContext, @Parent() checkpoint: Checkpoint): Promise<EntitlementAction[]> {
    const actions = await this.entitledTo(context, checkpoint);
    // Without its files it can be looked at.
    return checkpoint.removal ? actions.filter((action) => action === 'browse') : actions;
  }

  @ResolveField(() => LicenseType, {
    nullable: true,
    description:
      'The version of its licence that holds now, of a variant that of its base; null where the lab keeps no text of it here, and asks for no acceptance.',
  })
  async licenseInForce(@Ctx() context: RequestContext, @Parent() checkpoint: Checkpoint): Promise<LicenseType | null> {
    const conditions = await this.conditionsOf(context, checkpoint);
    const license = conditions && licenseInForce(conditions.license, this.clock.now());
    return license && context.load<LicenseType>(license.id);
  }

  @ResolveField(() => [UserError], {
    description:
      'What keeps the caller’s organization from using it, beside entitlements, and how to mend that; empty: nothing. All that is refused meanwhile has the same code. Seeing it is not affected.',
  })
  async unmetConditions(@Ctx() context: RequestContext, @Parent() checkpoint: Checkpoint): Promise<UserError[]> {
    if (context.principal.organizationKind === 'lab') return [];
    const conditions = await this.conditionsOf(context, checkpoint);
    const unmet = conditions && unmetCondition(conditions, this.clock.now());
    return unmet ? [shownError(conditionNotMet(unmet, checkpoint.name))] : [];
  }

  @ResolveField(() => [PriceType], {
    description:
      'What it costs the caller now, by meter: by the contract in force, else by published rate cards. Of tiers the dearest is shown.',
  })
  async prices(
    @Ctx() context: RequestContext,
    @Parent() checkpoint: Checkpoint,
    @Args() { projectId }: PricesArgs,
  ): Promise<PriceType[]> {
    return (await this.pricesOf(context, checkpoint, projectId)).map(PriceType.of);
  }

  @ResolveField(() => MoneyType, {
    nullable: true,
    description:
      'What so much would cost now; null: it has no price. Of tiers the dearest counts: it never comes to more. Training is priced as LoRA.',
  })
  async cost(
    @Ctx() context: RequestContext,
    @Parent() checkpoint: Checkpoint,
    @Args() { projectId }: PricesArgs,
    @Args('meter', { type: () => MeterEnum, description: 'What is counted.' }) meter: Meter,
    @Args('quantity', { type: () => BigIntScalar, description: 'How many units.' }) quantity: bigint,
  ): Promise<MoneyType | null> {
    const prices = await this.pricesOf(context, checkpoint, projectId);
    const price = prices.find(({ rule }) => rule.meter === meter);
    return price ? MoneyType.of(total([highestNanos(price, quantity)]), price.currency) : null;
  }

  @ResolveField(() => [UserError], {
    description:
      'What would keep such an adapter of it from being served; empty: nothing. Jobs are refused for the same.',
  })
  async servability(
    @Ctx() context: RequestContext,
    @Parent() checkpoint: Checkpoint,
    @Args('adapter', { description: 'What one thinks of training.' }) adapter: AdapterInput,
  ): Promise<UserError[]> {
    const family = await context.load<ModelFamily>(checkpoint.familyId);
    if (!family || !isPublished(checkpoint)) return [];
    const { rank, maxTokens, targetModules } = adapter;
    const base = { ...checkpoint, maxLoraRank: family.maxLoraRank };
    const request = {
      rank,
      maxTokens: maxTokens ?? undefined,
      targetModules: targetModules ?? ('all-linear' as const),
    };
    return servabilityProblems(base, request).map(shownError);
  }

  private async entitledTo(context: RequestContext, checkpoint: Checkpoint): Promise<EntitlementAction[]> {
    const { organizationKind, organizationId } = context.principal;
    if (organizationKind === 'lab' && organizationId === checkpoint.organizationId) return [...ENTITLEMENT_ACTIONS];
    const read = (tx: Transaction, keys: readonly string[]) =>
      this.entitlements.allowedActions(tx, keys.map(readSubjectKey));
    const batched = this.batched(context, 'allowedActions', {}, read);
    const subject = entitlementSubjectOf(checkpoint, organizationId);
    if (!subject.isListed) return batched.load(subjectKey(subject));
    // What is trained from it is a variant of one's own, which rests on the base as any.
    const base = { familyId: checkpoint.familyId, checkpointId: checkpoint.baseCheckpointId };
    const [ofListing, ofBase] = await Promise.all([subject, base].map((one) => batched.load(subjectKey(one))));
    return ofListing!.filter((action) => action !== 'fine_tune' || ofBase!.includes(action));
  }

  private conditionsOf(context: RequestContext, { baseCheckpointId }: Checkpoint): Promise<UseConditions | null> {
    const read = async (tx: Transaction, ids: readonly string[]) => {
      const conditions = await this.entitlements.conditionsOf(tx, ids);
      return ids.map((id) => conditions.get(id) ?? null);
    };
    return this.batched(context, 'conditions', {}, read).load(baseCheckpointId);
  }

  private pricesOf(context: RequestContext, checkpoint: Checkpoint, projectId: string | null = null): Promise<Price[]> {
    const read = async (tx: Transaction, keys: readonly string[]) => {
      const subjects = keys.map((key) => JSON.parse(key) as PricedSubject);
      const listingIds = await listingIdsOf(
        tx,
        subjects.flatMap(({ listedId }) => listedId ?? []),
      );
      const priced = subjects.map((one) => ({ ...one, listingId: listingIds.get(one.listedId ?? '') ?? null }));
      return this.priceService.pricesOf(tx, priced, { projectId });
    };
    const { familyId, baseCheckpointId } = checkpoint;
    const { isListed } = entitlementSubjectOf(checkpoint, context.principal.organizationId);
    const subject = { familyId, baseCheckpointId, listedId: isListed ? checkpoint.id : null };
    return this.batched(context, 'prices', { projectId }, read).load(JSON.stringify(subject));
  }

  private batched<T>(
    context: RequestContext,
    name: string,
    args: unknown,
    read: (tx: Transaction, keys: readonly string[]) => Promise<readonly T[]>,
  ) {
    return context.batched(`checkpoint.${name}`, args, (keys) =>
      this.database.read(context.scope, (tx) => read(tx, keys)),
    );
  }
}

/** Prices are those of the lab's checkpoint in its family, of a variant its base; of another partner's those of its listing. */
interface PricedSubject {
  familyId: string;
  baseCheckpointId: string;
  listedId: string | null;
}

function shownError({ code, message, path }: DomainError): UserError {
  return { code, message, path: path.map(String) };
}

const subjectKey = ({ familyId, checkpointId, isListed }: EntitlementSubject) =>
  [familyId, checkpointId, ...(isListed ? ['listed'] : [])].join(' ');

function readSubjectKey(key: string): EntitlementSubject {
  const [familyId, checkpointId, listed] = key.split(' ') as [string, string, string?];
  return { familyId, checkpointId, isListed: listed !== undefined };
}

function presentRecipe({ method, ...parameters }: Checkpoint['recipe']): CheckpointRecipeType {
  return { method, parameters };
}

function edgeOf(generation: number, child: Checkpoint, parentId: string): LineageEdgeType {
  const recipe = presentRecipe(child.recipe);
  return { generation, parentId, parent: null, childId: child.id, child: null, recipe };
}

function presentSteps({ pageInfo, edges }: Connection<LineageStep>): Connection<LineageEdgeType> {
  const presented = edges.map(({ cursor, node: { generation, checkpoint } }) => ({
    cursor,
    node: edgeOf(generation, checkpoint, checkpoint.parentCheckpointId as string),
  }));
  return { pageInfo, edges: presented, nodes: presented.map((edge) => edge.node) };
}
