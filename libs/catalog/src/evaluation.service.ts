import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import { findCheckpoints } from './checkpoint.repository.js';
import { ofSeenCheckpoints } from './visibility.js';

export interface EvaluationFigure {
  /** What was measured, such as a benchmark or a probe. */
  name: string;
  metric: string;
  value: number;
  standardError?: number | null;
  examples?: number | null;
  higherIsBetter: boolean;
  /** Who measured it, with what. */
  source: string;
  measuredAt?: Date | null;
}

export interface CheckpointEvaluation extends EvaluationFigure {
  id: string;
  checkpointId: string;
  measuredAt: Date;
}

interface EvaluationRow {
  id: string;
  checkpoint_id: string;
  name: string;
  metric: string;
  value: number;
  standard_error: number | null;
  examples: number | null;
  higher_is_better: boolean;
  source: string;
  measured_at: Date;
}

/** Figures that a checkpoint's owner attaches to it. Once attached they stay: what partners chose by does not change. */
@Injectable()
export class CheckpointEvaluationService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Attaching the same figures again changes nothing; other values under the same name and metric are refused. */
  async attach(tx: Transaction, checkpointId: string, figures: readonly EvaluationFigure[]): Promise<void> {
    const [checkpoint] = await findCheckpoints(tx, [checkpointId]);
    if (checkpoint?.organizationId !== tx.scope.organizationId)
      throw CATALOG_ERRORS.CHECKPOINT_NOT_FOUND({ model: checkpointId }, { path: ['checkpointId'] });
    for (const [position, figure] of figures.entries()) {
      if (await this.insert(tx, checkpointId, figure)) continue;
      const [known = []] = await this.ofCheckpoints(tx, [checkpointId]);
      const same = known.some((other) => isSame(other, figure));
      const { name, metric } = figure;
      if (!same) throw CATALOG_ERRORS.EVALUATION_EXISTS({ name, metric }, { path: ['evaluations', position] });
    }
  }

  /** The figures of each of several checkpoints, by name. */
  async ofCheckpoints(tx: Transaction, checkpointIds: readonly string[]): Promise<CheckpointEvaluation[][]> {
    const rows = await tx.query<EvaluationRow>(
      `SELECT * FROM checkpoint_evals e WHERE checkpoint_id = ANY($1) AND ${ofSeenCheckpoints('e')}
       ORDER BY checkpoint_id, name, metric`,
      [[...checkpointIds]],
    );
    const byCheckpoint = Map.groupBy(rows, (row) => row.checkpoint_id);
    return checkpointIds.map((id) => (byCheckpoint.get(id) ?? []).map(toEvaluation));
  }

  private async insert(tx: Transaction, checkpointId: string, figure: EvaluationFigure): Promise<boolean> {
    const now = this.clock.now();
    const rows = await tx.query(
      `INSERT INTO checkpoint_evals (id, organization_id, checkpoint_id, name, metric, value, standard_error, examples, higher_is_better,
         source, measured_at, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (checkpoint_id, name, metric) DO NOTHING RETURNING id`,
      [
        newId('ceval'),
        tx.scope.organizationId,
        checkpointId,
        figure.name,
        figure.metric,
        figure.value,
        figure.standardError ?? null,
        figure.examples ?? null,
        figure.higherIsBetter,
        figure.source,
        figure.measuredAt ?? now,
        tx.scope.actor.id,
        now,
      ],
    );
    return rows.length > 0;
  }
}

function isSame(known: CheckpointEvaluation, figure: EvaluationFigure): boolean {
  return (
    known.name === figure.name &&
    known.metric === figure.metric &&
    known.value === figure.value &&
    (known.standardError ?? null) === (figure.standardError ?? null) &&
    (known.examples ?? null) === (figure.examples ?? null) &&
    known.higherIsBetter === figure.higherIsBetter
  );
}

function toEvaluation(row: EvaluationRow): CheckpointEvaluation {
  return {
    id: row.id,
    checkpointId: row.checkpoint_id,
    name: row.name,
    metric: row.metric,
    value: row.value,
    standardError: row.standard_error,
    examples: row.examples,
    higherIsBetter: row.higher_is_better,
    source: row.source,
    measuredAt: row.measured_at,
  };
}
