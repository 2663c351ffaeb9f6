import { Injectable } from '@nestjs/common';
import type { UseTags } from '#libs/contracts';
import { TAG } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import { lockOwnCheckpoint } from './checkpoint.repository.js';

/** How the lab marks its checkpoints: for export control, and by where they may be used. What contracts make of it, contracts decide. */
@Injectable()
export class UseTagService {
  /** Both as given, in place of what was: a draft's, and at once those of what is in use. */
  async set(tx: Transaction, input: UseTags & { checkpointId: string }): Promise<void> {
    const { checkpointId, exportClassification, computeRegions } = input;
    const path = ['checkpointId'];
    const checkpoint = await lockOwnCheckpoint(tx, checkpointId);
    if (!checkpoint) throw CATALOG_ERRORS.CHECKPOINT_NOT_FOUND({ model: checkpointId }, { path });
    const { name, kind, baseCheckpointId: base } = checkpoint;
    if (kind === 'adapter') throw CATALOG_ERRORS.USE_TAGS_OF_BASE({ name, base }, { path });
    if (exportClassification !== null) assertTag(exportClassification, ['exportClassification']);
    for (const [position, region] of computeRegions.entries()) {
      assertTag(region, ['computeRegions', position]);
      if (computeRegions.indexOf(region) < position)
        throw CATALOG_ERRORS.USE_TAG_INVALID({ tag: region }, { path: ['computeRegions', position] });
    }
    await tx.query(
      `UPDATE checkpoints SET export_classification = $2, compute_regions = $3
       WHERE id = $1 AND organization_id = :organization`,
      [checkpointId, exportClassification, computeRegions],
    );
  }
}

function assertTag(tag: string, path: Array<string | number>): void {
  if (!TAG.test(tag)) throw CATALOG_ERRORS.USE_TAG_INVALID({ tag }, { path });
}
