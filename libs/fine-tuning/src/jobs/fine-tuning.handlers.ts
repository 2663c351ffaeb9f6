import { Injectable } from '@nestjs/common';
import { OutputService } from '#libs/catalog';
import { ComputeHistory, ComputeService } from '#libs/compute';
import { asOf } from '#libs/contracts';
import { DatasetsService } from '#libs/datasets';
import {
  type FineTuneJob,
  FineTuningService,
  fineTuneJobStates,
  type JobEnd,
  jobError,
  jobsWaitingFor,
  lockJob,
} from '#libs/fine-tuning';
import { DomainError } from '#libs/kernel';
import type { ComputeOutput } from '#libs/messages';
import { Database, type Scope, type Transaction } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { createLogger } from '#platform/telemetry';
import { ResultFile } from './result-file.js';

/** Moves jobs on as their data is validated and their training goes its way. */
@Injectable()
export class FineTuningHandlers {
  private readonly logger = createLogger('worker');

  constructor(
    private readonly database: Database,
    private readonly fineTuning: FineTuningService,
    private readonly datasets: DatasetsService,
    private readonly outputs: OutputService,
    private readonly compute: ComputeService,
    private readonly history: ComputeHistory,
    private readonly results: ResultFile,
  ) {}

  @HandlesMessage('datasets.preparation.ended')
  async prepared({ payload }: Message<'datasets.preparation.ended'>, scope: Scope): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const preparation = await this.datasets.getPreparation(tx, payload.preparationId);
      // It failed, and somebody has asked for it anew meanwhile: its end will be told again.
      if (preparation.status === 'pending') return;
      for (const job of await jobsWaitingFor(tx, preparation.id)) await this.fineTuning.proceed(tx, job, preparation);
    });
  }

  @HandlesMessage('compute.job.started')
  async started({ payload }: Message<'compute.job.started'>, scope: Scope): Promise<void> {
    if (payload.kind !== 'train') return;
    await this.database.transaction(scope, (tx) => this.fineTuning.started(tx, payload.ownerId));
  }

  /** Intermediate checkpoints can be called and deployed like the last one. */
  @HandlesMessage('compute.checkpoint.saved')
  async saved({ payload }: Message<'compute.checkpoint.saved'>, scope: Scope): Promise<void> {
    if (payload.kind !== 'train') return;
    await this.database.transaction(scope, async (tx) => {
      const job = await lockJob(tx, payload.ownerId);
      if (!job || job.removal) return;
      await this.register(tx, job, payload.output, payload.step).catch((error: unknown) => {
        // What can't be served is no checkpoint; the job goes on, and the messages behind this one don't wait for it.
        if (!(error instanceof DomainError)) throw error;
        this.logger.warn({ err: error, fineTuneJobId: job.id, step: payload.step }, 'a checkpoint is not registered');
      });
    });
  }

  @HandlesMessage('compute.job.ended')
  async ended({ payload }: Message<'compute.job.ended'>, scope: Scope): Promise<void> {
    if (payload.kind !== 'train') return;
    const { computeJobId, ownerId, outcome } = payload;
    if (outcome === 'paused') return this.database.transaction(scope, (tx) => this.fineTuning.paused(tx, ownerId));
    const known = await this.database.read(scope, (tx) => this.fineTuning.get(tx, ownerId));
    if (fineTuneJobStates.isTerminal(known.status)) return;
    const results = outcome === 'succeeded' ? await this.results.write(scope, { ...known, computeJobId }) : null;
    await this.database.transaction(scope, async (tx) => {
      const job = await lockJob(tx, ownerId);
      if (!job || fineTuneJobStates.isTerminal(job.status)) return;
      const tokens = await this.compute.metricTotal(tx, computeJobId, 'tokens');
      const resultFileId = results && (await this.datasets.registerResult(tx, results));
      await this.fineTuning.end(tx, job, { ...(await this.endOf(tx, job, payload, tokens)), resultFileId });
    });
  }

  private async endOf(
    tx: Transaction,
    job: FineTuneJob,
    payload: Message<'compute.job.ended'>['payload'],
    tokens: number,
  ): Promise<JobEnd> {
    if (payload.outcome === 'succeeded' && payload.output) {
      try {
        return { outcome: 'succeeded', tokens, checkpoint: await this.register(tx, job, payload.output, null) };
      } catch (error) {
        // What can't be served is no variant, and trying again would not mend it.
        if (!(error instanceof DomainError)) throw error;
        return { outcome: 'failed', tokens, error: jobError(error) };
      }
    }
    if (payload.outcome === 'cancelled') return { outcome: 'cancelled', tokens };
    const { code = 'internal_error', message = 'Training ended without a result.', fix = '' } = payload.error ?? {};
    return { outcome: 'failed', tokens, error: { code, message: `${message} ${fix}`.trim(), param: null } };
  }

  private async register(tx: Transaction, job: FineTuneJob, output: ComputeOutput, step: number | null) {
    const { recipe } = job;
    if (!recipe) throw new Error(`${job.id} has an output and no recipe`);
    const made = {
      fineTuneJobId: job.id,
      projectId: job.projectId,
      parentCheckpointId: job.parentCheckpointId,
      datasetVersionId: job.trainingFileId,
      suffix: job.suffix,
      step,
      recipe: { ...recipe, method: job.method, policy: job.policy },
      output,
      ...(await this.reached(tx, job.computeJobId!, output.folder.manifest.step)),
    };
    const isSeen = await this.outputs.sees(tx, [job.parentCheckpointId, job.baseCheckpointId]);
    // What was accepted is concluded: using the variant takes an entitlement, having it does not.
    return isSeen ? this.outputs.register(tx, made) : asOf(tx, job.createdAt, () => this.outputs.register(tx, made));
  }

  /** Where training stood at a step: what it had read, and its loss. */
  private async reached(tx: Transaction, computeJobId: string, step = Number.MAX_SAFE_INTEGER) {
    const [points = []] = await this.history.series(tx, [computeJobId], { names: ['tokens', 'train_loss'] });
    const before = points.filter((point) => point.step <= step);
    const tokensSeen = before.reduce((sum, point) => (point.name === 'tokens' ? sum + point.value : sum), 0);
    return { tokensSeen, loss: before.findLast((point) => point.name === 'train_loss')?.value ?? null };
  }
}
