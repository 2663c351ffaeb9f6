import { Injectable } from '@nestjs/common';
import { CatalogService } from '#libs/catalog';
import { ComputeService } from '#libs/compute';
import { DatasetsService } from '#libs/datasets';
import { type FineTuneJob, FineTuningService, type JobEnd, jobsWaitingFor, lockJob } from '#libs/fine-tuning';
import type { ComputeOutput } from '#libs/messages';
import { Database, type Scope, type Transaction } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';

/** Moves jobs on as their data is validated and their training goes its way. */
@Injectable()
export class FineTuningHandlers {
  constructor(
    private readonly database: Database,
    private readonly fineTuning: FineTuningService,
    private readonly datasets: DatasetsService,
    private readonly catalog: CatalogService,
    private readonly compute: ComputeService,
  ) {}

  @HandlesMessage('datasets.preparation.ended')
  async prepared({ payload }: Message<'datasets.preparation.ended'>, scope: Scope): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const preparation = await this.datasets.getPreparation(tx, payload.preparationId);
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
      if (job) await this.register(tx, job, payload.output, payload.step);
    });
  }

  @HandlesMessage('compute.job.ended')
  async ended({ payload }: Message<'compute.job.ended'>, scope: Scope): Promise<void> {
    if (payload.kind !== 'train') return;
    await this.database.transaction(scope, async (tx) => {
      if (payload.outcome === 'paused') return this.fineTuning.paused(tx, payload.ownerId);
      const job = await lockJob(tx, payload.ownerId);
      if (!job) return;
      const tokens = await this.compute.metricTotal(tx, payload.computeJobId, 'tokens');
      await this.fineTuning.end(tx, job, await this.endOf(tx, job, payload, tokens));
    });
  }

  private async endOf(
    tx: Transaction,
    job: FineTuneJob,
    payload: Message<'compute.job.ended'>['payload'],
    tokens: number,
  ): Promise<JobEnd> {
    if (payload.outcome === 'succeeded' && payload.output) {
      return { outcome: 'succeeded', tokens, checkpoint: await this.register(tx, job, payload.output, null) };
    }
    if (payload.outcome === 'cancelled') return { outcome: 'cancelled', tokens };
    const { code = 'internal_error', message = 'Training ended without a result.', fix = '' } = payload.error ?? {};
    return { outcome: 'failed', tokens, error: { code, message: `${message} ${fix}`.trim(), param: null } };
  }

  private register(tx: Transaction, job: FineTuneJob, output: ComputeOutput, step: number | null) {
    return this.catalog.registerOutput(tx, {
      fineTuneJobId: job.id,
      projectId: job.projectId,
      parentCheckpointId: job.parentCheckpointId,
      datasetVersionId: job.trainingFileId,
      suffix: job.suffix,
      step,
      recipe: { method: job.method, ...job.recipe, policy: job.policy, training_file: job.trainingFileId },
      output,
    });
  }
}
