import { Inject, Injectable } from '@nestjs/common';
import { type Removal, removedBy } from '#libs/contracts';
import { CLOCK, type Clock, canonicalJson, type DomainError, sha256Hex } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import type { Checkpoint } from './checkpoint.js';
import { findCheckpoints, lockOwnCheckpoint } from './checkpoint.repository.js';
import { checkpointStates } from './checkpoint.state.js';

/** How much of an organization hangs on a checkpoint: numbers, never names. */
export interface AffectedOrganization {
  organizationId: string;
  /** Of what kind: `variants`, `deployments`. */
  what: string;
  count: number;
}

export interface RetirementImpact {
  affected: AffectedOrganization[];
  /** Of what is affected: whoever retires says by it what was seen. */
  digest: string;
}

export type CountAffected = (tx: Transaction, checkpointId: string) => Promise<AffectedOrganization[]>;

/** Retiring a checkpoint: who is affected is shown first, and the act names what was shown. */
@Injectable()
export class RetirementService {
  private readonly counters: CountAffected[] = [countVariants];

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** For domains that build on checkpoints and are not known here: they say what of theirs hangs on one. */
  alsoCount(counter: CountAffected): void {
    this.counters.push(counter);
  }

  async impact(tx: Transaction, checkpointId: string): Promise<RetirementImpact> {
    const [checkpoint] = await findCheckpoints(tx, [checkpointId]);
    if (checkpoint?.organizationId !== tx.scope.organizationId) throw notFound(checkpointId);
    const affected: AffectedOrganization[] = [];
    for (const count of this.counters) affected.push(...(await count(tx, checkpointId)));
    affected.sort((a, b) => (`${a.organizationId} ${a.what}` < `${b.organizationId} ${b.what}` ? -1 : 1));
    return { affected, digest: sha256Hex(canonicalJson(affected)) };
  }

  /** From now on nothing new begins from it; what exists of it goes on. */
  async retire(
    tx: Transaction,
    input: { checkpointId: string; reason: string; acknowledgedImpact: string },
  ): Promise<void> {
    const { name, status } = await this.lock(tx, input.checkpointId);
    if (!checkpointStates.can(status, 'retired'))
      throw CATALOG_ERRORS.CHECKPOINT_STATE({ name, status, action: 'retired' }, { path: ['checkpointId'] });
    const { digest } = await this.impact(tx, input.checkpointId);
    if (digest !== input.acknowledgedImpact)
      throw CATALOG_ERRORS.RETIREMENT_IMPACT_CHANGED({ path: ['acknowledgedImpact'] });
    await tx.query(
      `UPDATE checkpoints SET status = 'retired', retired_at = $2, retirement_reason = $3
       WHERE id = $1 AND organization_id = :organization`,
      [input.checkpointId, this.clock.now(), input.reason],
    );
  }

  /** Variants that these jobs made lose their files; what is known of them stays. Gives their ids. */
  async bury(tx: Transaction, fineTuneJobIds: readonly string[], removal: Removal): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `UPDATE checkpoints SET removal = $2, status = 'retired', retired_at = coalesce(retired_at, $3),
         retirement_reason = coalesce(retirement_reason, $4)
       WHERE fine_tune_job_id = ANY($1) AND organization_id = :organization AND removal IS NULL
         AND status IN ('published', 'retired') RETURNING id`,
      [[...fineTuneJobIds], JSON.stringify(removal), removal.at, `its files were removed by ${removedBy(removal)}`],
    );
    return rows.map(({ id }) => id);
  }

  private async lock(tx: Transaction, id: string): Promise<Checkpoint> {
    const checkpoint = await lockOwnCheckpoint(tx, id);
    if (!checkpoint) throw notFound(id);
    return checkpoint;
  }
}

function notFound(model: string): DomainError {
  return CATALOG_ERRORS.CHECKPOINT_NOT_FOUND({ model }, { path: ['checkpointId'] });
}

async function countVariants(tx: Transaction, checkpointId: string): Promise<AffectedOrganization[]> {
  const rows = await tx.query<{ organization_id: string; variants: number }>(
    'SELECT organization_id, variants FROM checkpoint_retirement_impact($1)',
    [checkpointId],
  );
  return rows.map((row) => ({ organizationId: row.organization_id, what: 'variants', count: row.variants }));
}
