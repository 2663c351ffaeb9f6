import { Inject, Injectable } from '@nestjs/common';
import { PriceService, ReservationService, spenderOf } from '#libs/contracts';
import { CLOCK, type Clock, isId } from '#libs/kernel';
import { type ComputeOutput, EvaluationResult, EvaluationSummary, type MessagePayload } from '#libs/messages';
import { UsageService } from '#libs/usage';
import { Database, type Scope, type Transaction } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { ObjectStore } from '#platform/storage';
import { findRuns, insertResults, lockRun, moveRun } from '../evaluations.repository.js';
import { billedTokens, type EvaluationRun } from '../run.js';
import { evaluationRunStates } from '../run.state.js';

type ComputeEnd = MessagePayload<'compute.job.ended'>;

interface Measured {
  output: ComputeOutput;
  summary: EvaluationSummary;
  results: EvaluationResult[];
}

/** Of the largest suite with long answers. */
const LARGEST_RESULTS_BYTES = 256 * 1024 ** 2;
const INSERT_BATCH = 500;

/** A run goes as its compute job does. */
@Injectable()
export class RunHandlers {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly prices: PriceService,
    private readonly reservations: ReservationService,
    private readonly usage: UsageService,
  ) {}

  @HandlesMessage('compute.job.started')
  async started({ payload }: Message<'compute.job.started'>, scope: Scope): Promise<void> {
    if (!isId('evalrun', payload.ownerId)) return;
    await this.database.transaction(scope, async (tx) => {
      const run = await lockRun(tx, payload.ownerId);
      if (run?.status === 'queued') await moveRun(tx, run, { status: 'running', at: this.clock.now() });
    });
  }

  @HandlesMessage('compute.job.ended')
  async ended({ payload }: Message<'compute.job.ended'>, scope: Scope): Promise<void> {
    if (!isId('evalrun', payload.ownerId) || payload.outcome === 'paused') return;
    const [run] = await this.database.read(scope, (tx) => findRuns(tx, [payload.ownerId]));
    if (!run || evaluationRunStates.isTerminal(run.status)) return;
    const measured = payload.outcome === 'succeeded' ? await this.read(payload.output!) : null;
    await this.database.transaction(scope, async (tx) => {
      const current = await lockRun(tx, run.id);
      if (!current || evaluationRunStates.isTerminal(current.status)) return;
      if (measured) await this.succeed(tx, current, measured);
      else await this.end(tx, current, payload);
    });
  }

  private async succeed(tx: Transaction, run: EvaluationRun, measured: Measured): Promise<void> {
    const { summary, output, results } = measured;
    for (let start = 0; start < results.length; start += INSERT_BATCH) {
      await insertResults(tx, run.id, results.slice(start, start + INSERT_BATCH));
    }
    const tokens = billedTokens(summary.metric, summary, results);
    const { familyId, baseCheckpointId, checkpointId, projectId } = run;
    const price = await this.prices.quote(tx, {
      meter: 'evaluation_tokens',
      quantity: BigInt(tokens),
      projectId,
      familyId,
      baseCheckpointId,
      method: null,
      at: run.createdAt,
    });
    const costNanos = price.roundedNanos;
    // Before the usage is recorded, as of jobs: those who do both take the two locks in the same order.
    await this.reservations.charge(tx, { ownerId: run.id, ...spenderOf(run), nanos: costNanos });
    await this.usage.recordEvaluation(tx, {
      evaluationRunId: run.id,
      projectId,
      model: run.checkpointName,
      checkpointId,
      baseCheckpointId,
      familyId,
      tokens,
      acceptedAt: run.createdAt,
    });
    const at = this.clock.now();
    await moveRun(tx, run, { status: 'succeeded', at, summary, output, evaluationTokens: tokens, costNanos });
  }

  private end(tx: Transaction, run: EvaluationRun, { outcome, error }: ComputeEnd): Promise<void> {
    const at = this.clock.now();
    if (outcome === 'cancelled') return moveRun(tx, run, { status: 'cancelled', at });
    const { code, message } = error ?? { code: outcome, message: `The evaluation was ${outcome}.` };
    return moveRun(tx, run, { status: 'failed', at, error: { code, message } });
  }

  private async read(output: ComputeOutput): Promise<Measured> {
    const text = (path: string, limitBytes?: number) =>
      this.store.getText(`${output.keyPrefix}${path}`, { limitBytes });
    const [summary, lines] = await Promise.all([text('summary.json'), text('results.jsonl', LARGEST_RESULTS_BYTES)]);
    const results = lines.split('\n').filter((line) => line !== '');
    return {
      output,
      summary: EvaluationSummary.parse(JSON.parse(summary)),
      results: results.map((line) => EvaluationResult.parse(JSON.parse(line))),
    };
  }
}
