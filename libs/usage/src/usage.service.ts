import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { USAGE_ERRORS } from './usage.errors.js';

/** Work of a job, recorded once, when its amount is final. */
export interface JobUsage {
  projectId: string;
  /** The name the caller gave the model. */
  model: string;
  checkpointId: string;
  baseCheckpointId: string;
  familyId: string;
  tokens: number;
  /** When the job was accepted: the prices of that moment are the ones it was quoted. */
  acceptedAt: Date;
}

/** Records what jobs used, in the transaction that ends them. Requests are recorded by the intake of the gateway. */
@Injectable()
export class UsageService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Tokens that were trained on. Twice for the same job it is the same record; with another amount it is refused. */
  recordTraining(tx: Transaction, usage: JobUsage & { fineTuneJobId: string; method: string }): Promise<string> {
    return this.record(tx, { ...usage, kind: 'training', sourceId: usage.fineTuneJobId });
  }

  /** Tokens that were evaluated, under the same rule. */
  recordEvaluation(tx: Transaction, usage: JobUsage & { evaluationRunId: string }): Promise<string> {
    return this.record(tx, { ...usage, kind: 'evaluation', sourceId: usage.evaluationRunId });
  }

  private async record(
    tx: Transaction,
    usage: JobUsage & { kind: 'training' | 'evaluation'; sourceId: string; method?: string },
  ): Promise<string> {
    const { kind, sourceId, tokens } = usage;
    const id = newId('use');
    const inserted = await tx.query(
      `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, end_reason, model, checkpoint_id,
                                 base_checkpoint_id, family_id, method, training_tokens, evaluation_tokens, admitted_at, ended_at)
       VALUES ($1, $2, $3, $4, $5, 'settled', 'completed', $6, $7, $8, $9, $10, $11, $12, $13, $14)
       ON CONFLICT (kind, source_id) DO NOTHING RETURNING id`,
      [
        id,
        tx.scope.organizationId,
        usage.projectId,
        kind,
        sourceId,
        usage.model,
        usage.checkpointId,
        usage.baseCheckpointId,
        usage.familyId,
        usage.method ?? null,
        kind === 'training' ? tokens : 0,
        kind === 'evaluation' ? tokens : 0,
        usage.acceptedAt,
        this.clock.now(),
      ],
    );
    return inserted.length > 0 ? id : this.sameAsRecorded(tx, kind, sourceId, tokens);
  }

  private async sameAsRecorded(tx: Transaction, kind: string, sourceId: string, given: number): Promise<string> {
    const recorded = await tx.one<{ id: string; tokens: string }>(
      `SELECT id, training_tokens + evaluation_tokens AS tokens FROM usage_events
       WHERE kind = $1 AND source_id = $2 AND organization_id = :organization`,
      [kind, sourceId],
    );
    if (!recorded) throw new Error(`usage of ${sourceId} is recorded for another organization`);
    if (Number(recorded.tokens) !== given)
      throw USAGE_ERRORS.USAGE_RECORDED_OTHERWISE({ sourceId, recorded: Number(recorded.tokens), given });
    return recorded.id;
  }
}
