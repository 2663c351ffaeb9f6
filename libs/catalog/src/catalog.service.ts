import { Injectable } from '@nestjs/common';
import { type EntitlementAction, EntitlementService, listingEnded } from '#libs/contracts';
import type { TrainerFile } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import { assertFilesThere, type Checkpoint, entitlementSubjectOf, type PublishedCheckpoint } from './checkpoint.js';
import { findCheckpoint, findIntermediates, getPublished } from './checkpoint.repository.js';
import { filesOf } from './checkpoint-files.repository.js';
import { FamilyService } from './family.service.js';
import type { CheckpointPart } from './manifest.js';
import { type FineTuneOutput, OutputService } from './output.service.js';
import type { Recipe, RecipeMethod } from './recipe.js';
import { RecipeService } from './recipe.service.js';
import { type AdapterRequest, baseProblems, servabilityProblems } from './servability.js';
import { holdForUse } from './variant-use.js';

/** By whose leave something is done with a checkpoint. */
export interface Permission {
  /** Null: by ownership. */
  entitlementId: string | null;
  clause: string | null;
}

/** What other domains ask of the catalog: which checkpoint is meant, whether it may be used, what it consists of. */
@Injectable()
export class CatalogService {
  constructor(
    private readonly families: FamilyService,
    private readonly recipes: RecipeService,
    private readonly entitlements: EntitlementService,
    private readonly outputs: OutputService,
  ) {}

  /** A published or retired checkpoint, by id or name; what the scope may not see does not exist. */
  getVisible(tx: Transaction, model: string): Promise<PublishedCheckpoint> {
    return getPublished(tx, model);
  }

  /** For beginning something new, a job or a deployment: like getVisible, and not retired. */
  async getUsable(tx: Transaction, model: string): Promise<PublishedCheckpoint> {
    const checkpoint = await this.getPresent(tx, model);
    const base =
      checkpoint.baseCheckpointId === checkpoint.id
        ? checkpoint
        : await findCheckpoint(tx, checkpoint.baseCheckpointId);
    for (const { name, retirementReason } of [checkpoint, ...(base ? [base] : [])])
      if (retirementReason) throw CATALOG_ERRORS.CHECKPOINT_RETIRED({ name, reason: retirementReason });
    return checkpoint;
  }

  /** Like getVisible, with its files: they are there, and stay until the transaction ends. */
  async getPresent(tx: Transaction, model: string): Promise<PublishedCheckpoint> {
    const found = await this.getVisible(tx, model);
    assertFilesThere(found);
    // What the lab publishes nobody deletes.
    if (!found.projectId) return found;
    await holdForUse(tx, found.id);
    const checkpoint = await this.getVisible(tx, found.id);
    assertFilesThere(checkpoint);
    return checkpoint;
  }

  /**
   * Whether the scope's organization may do this with a checkpoint that it sees. The lab may with its own; a partner needs an
   * entitlement to the base, for its own variants too: they are nothing without it. Another partner's variant it uses by its listing
   * alone; what it makes from one is its own variant, and takes both.
   */
  async assertMay(
    tx: Transaction,
    action: EntitlementAction,
    checkpoint: Pick<
      PublishedCheckpoint,
      'id' | 'organizationId' | 'projectId' | 'familyId' | 'baseCheckpointId' | 'name'
    >,
    at?: Date,
  ): Promise<Permission> {
    const { familyId, baseCheckpointId, name: subjectName } = checkpoint;
    if (tx.scope.kind === 'lab' && checkpoint.organizationId === tx.scope.organizationId)
      return { entitlementId: null, clause: null };
    const subject = entitlementSubjectOf(checkpoint, tx.scope.organizationId);
    const permission = await this.entitlements.assertMay(tx, { ...subject, action, subjectName, at });
    if (!subject.isListed || action !== 'fine_tune') return permission;
    return this.entitlements.assertMay(tx, { action, familyId, checkpointId: baseCheckpointId, subjectName, at });
  }

  /** The same for going on with what began from a checkpoint, which may not be seen any more: the refusal says why. */
  async assertMayGoOn(
    tx: Transaction,
    action: EntitlementAction,
    begun: Pick<PublishedCheckpoint, 'id' | 'familyId' | 'baseCheckpointId' | 'name'>,
  ): Promise<Permission> {
    await holdForUse(tx, begun.id);
    const seen = await findCheckpoint(tx, begun.id);
    if (seen) assertFilesThere(seen);
    const ended = seen ? null : await listingEnded(tx, begun.id);
    if (ended) throw ended;
    const { organizationId } = tx.scope;
    return this.assertMay(tx, action, seen ?? { ...begun, organizationId, projectId: null });
  }

  /** Refuses, before anything is charged, an adapter that could not be served. */
  async assertServable(tx: Transaction, checkpoint: PublishedCheckpoint, adapter: AdapterRequest): Promise<void> {
    const [problem] = await this.servability(tx, checkpoint, adapter);
    if (problem) throw problem;
  }

  /** All that would keep such an adapter of this checkpoint, or with no adapter the checkpoint itself, from being served. */
  async servability(tx: Transaction, checkpoint: PublishedCheckpoint, adapter?: AdapterRequest) {
    if (!adapter) return baseProblems(checkpoint.architecture);
    const { maxLoraRank } = await this.families.get(tx, checkpoint.familyId);
    return servabilityProblems({ ...checkpoint, maxLoraRank }, adapter);
  }

  /** Where a checkpoint's files lie, each with its hash; for an adapter its own, not the base's. */
  async files(
    tx: Transaction,
    checkpointId: string,
    part: CheckpointPart,
  ): Promise<Array<TrainerFile & { key: string }>> {
    const [files = []] = await filesOf(tx, [checkpointId], part);
    return files.map(({ path, bytes, sha256, key }) => ({ path, bytes, sha256, key }));
  }

  /** Intermediate checkpoints that a fine-tune job made, newest first: those before `before`, or the newest ones. */
  checkpointsOfJob(tx: Transaction, jobId: string, before: string | null, limit: number): Promise<Checkpoint[]> {
    return findIntermediates(tx, jobId, before, limit);
  }

  /** What `auto` stands for on this family. */
  resolveRecipe<Method extends RecipeMethod>(
    tx: Transaction,
    familyId: string,
    method: Method,
  ): Promise<Recipe<Method>> {
    return this.recipes.resolve(tx, familyId, method);
  }

  /** What a fine-tune job made becomes a variant in the lineage, once. */
  registerOutput(tx: Transaction, made: FineTuneOutput): Promise<Checkpoint> {
    return this.outputs.register(tx, made);
  }
}
