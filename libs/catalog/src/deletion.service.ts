import { Inject, Injectable } from '@nestjs/common';
import { openListingsOf, removedBy } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import { type Checkpoint, isPublished, type StoredCheckpointFile } from './checkpoint.js';
import { findCheckpoint, lockOwnCheckpoint, markDeleted } from './checkpoint.repository.js';
import { filesOf } from './checkpoint-files.repository.js';
import { describeHolds, type VariantHold } from './variant-hold.js';
import { holdAgainstUse } from './variant-use.js';

/** A variant that may be about to be deleted: what of it can be read. */
export interface DeletableVariant {
  checkpointId: string;
  /** The job that made it. */
  fineTuneJobId: string | null;
  /** Of its files in the object store. */
  objectKeys: readonly string[];
}

export type FindHolds = (tx: Transaction, variant: DeletableVariant) => Promise<VariantHold[]>;

/** A partner deletes a variant of its own: the bytes go, what is known of it stays. */
@Injectable()
export class VariantDeletionService {
  private readonly finders: FindHolds[] = [findListings];

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** For domains that build on checkpoints and are not known here: they say what of theirs needs a variant's files. */
  alsoHeldBy(finder: FindHolds): void {
    this.finders.push(finder);
  }

  /** What keeps a variant from being deleted now; nothing, once it is. */
  async holds(tx: Transaction, idOrName: string): Promise<VariantHold[]> {
    const variant = await ownVariant(tx, idOrName);
    return variant.removal ? [] : this.findHolds(tx, variant, await storedFiles(tx, variant));
  }

  /**
   * Refused while anything needs its files; whoever begins to use it meanwhile is waited for, or waits and is refused. Adapters that
   * were trained on from it are whole, and need nothing of it. Deleting what is gone is the same answer.
   */
  async delete(tx: Transaction, idOrName: string): Promise<Checkpoint> {
    const { id, name } = await ownVariant(tx, idOrName);
    await holdAgainstUse(tx, id);
    // A clause of a contract may be at it, too.
    await lockOwnCheckpoint(tx, id);
    const variant = await ownVariant(tx, id);
    if (variant.removal) return variant;
    const holds = await this.findHolds(tx, variant, await storedFiles(tx, variant));
    if (holds.length > 0) throw CATALOG_ERRORS.VARIANT_IN_USE({ name, holds: describeHolds(holds) });
    const removal = { deletedBy: tx.scope.actor.id, at: this.clock.now().toISOString() };
    const reason = `its files were removed by ${removedBy(removal)}`;
    await markDeleted(tx, id, { removal, reason });
    tx.publish({ type: 'catalog.variant.deleted', payload: { checkpointId: id } });
    return {
      ...variant,
      status: 'retired',
      removal,
      retiredAt: variant.retiredAt ?? new Date(removal.at),
      retirementReason: variant.retirementReason ?? reason,
    };
  }

  private async findHolds(
    tx: Transaction,
    { id: checkpointId, fineTuneJobId }: Checkpoint,
    files: readonly StoredCheckpointFile[],
  ): Promise<VariantHold[]> {
    const variant = { checkpointId, fineTuneJobId, objectKeys: files.map(({ key }) => key) };
    const holds: VariantHold[] = [];
    for (const find of this.finders) holds.push(...(await find(tx, variant)));
    return holds;
  }
}

async function ownVariant(tx: Transaction, idOrName: string): Promise<Checkpoint> {
  const checkpoint = await findCheckpoint(tx, idOrName);
  if (!checkpoint || !isPublished(checkpoint)) throw CATALOG_ERRORS.CHECKPOINT_NOT_FOUND({ model: idOrName });
  const { name, organizationId, projectId, kind } = checkpoint;
  // What the lab has others build on: it retires that, and deletes nothing. Nor does an adapter outlive what it is loaded on.
  const isOwn = tx.scope.kind === 'partner' && organizationId === tx.scope.organizationId;
  if (!isOwn || projectId === null || kind !== 'adapter') throw CATALOG_ERRORS.VARIANT_NOT_OWN({ name });
  return checkpoint;
}

async function storedFiles(tx: Transaction, { id }: Checkpoint): Promise<StoredCheckpointFile[]> {
  const [files = []] = await filesOf(tx, [id]);
  return files;
}

async function findListings(tx: Transaction, { checkpointId }: DeletableVariant): Promise<VariantHold[]> {
  const listings = await openListingsOf(tx, checkpointId);
  return listings.map(({ id, title }) => ({ what: 'listing', id, name: title, count: 1 }));
}
