import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId, sha256Hex } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import { findCheckpoints } from './checkpoint.repository.js';
import { ofSeenCheckpoints } from './visibility.js';

export interface CheckpointSample {
  /** What it was given, for a chat the user's message. */
  prompt: string;
  output: string;
  /** How it was made, such as greedy, up to so many tokens. */
  source: string;
}

interface SampleRow extends CheckpointSample {
  checkpoint_id: string;
}

/** Answers of a checkpoint that its owner shows. Once attached they stay, as figures do. */
@Injectable()
export class CheckpointSampleService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Attaching the same again changes nothing; another answer to the same prompt is refused. */
  async attach(tx: Transaction, checkpointId: string, samples: readonly CheckpointSample[]): Promise<void> {
    const [checkpoint] = await findCheckpoints(tx, [checkpointId]);
    if (checkpoint?.organizationId !== tx.scope.organizationId)
      throw CATALOG_ERRORS.CHECKPOINT_NOT_FOUND({ model: checkpointId }, { path: ['checkpointId'] });
    for (const [position, sample] of samples.entries()) {
      if (await this.insert(tx, checkpointId, sample)) continue;
      const [known = []] = await this.ofCheckpoints(tx, [checkpointId]);
      const isSame = known.some(({ prompt, output }) => prompt === sample.prompt && output === sample.output);
      if (!isSame) throw CATALOG_ERRORS.SAMPLE_EXISTS({}, { path: ['samples', position, 'output'] });
    }
  }

  /** The samples of each of several checkpoints, in the order in which they were attached. */
  async ofCheckpoints(tx: Transaction, checkpointIds: readonly string[]): Promise<CheckpointSample[][]> {
    const rows = await tx.query<SampleRow>(
      `SELECT checkpoint_id, prompt, output, source FROM checkpoint_samples s
       WHERE checkpoint_id = ANY($1) AND ${ofSeenCheckpoints('s')} ORDER BY checkpoint_id, id`,
      [[...checkpointIds]],
    );
    const byCheckpoint = Map.groupBy(rows, (row) => row.checkpoint_id);
    return checkpointIds.map((id) =>
      (byCheckpoint.get(id) ?? []).map(({ prompt, output, source }) => ({ prompt, output, source })),
    );
  }

  private async insert(tx: Transaction, checkpointId: string, sample: CheckpointSample): Promise<boolean> {
    const rows = await tx.query(
      `INSERT INTO checkpoint_samples (id, organization_id, checkpoint_id, prompt, prompt_sha256, output, source, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (checkpoint_id, prompt_sha256) DO NOTHING RETURNING id`,
      [
        newId('csample'),
        tx.scope.organizationId,
        checkpointId,
        sample.prompt,
        sha256Hex(sample.prompt),
        sample.output,
        sample.source,
        tx.scope.actor.id,
        this.clock.now(),
      ],
    );
    return rows.length > 0;
  }
}
