import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CatalogService, type PublishedCheckpoint, VariantDeletionService } from '#libs/catalog';
import { ComputeService } from '#libs/compute';
import { ReservationService, ServiceStopService, spenderOf, TRAINING_METHOD } from '#libs/contracts';
import { DatasetsService, describeInvalid, type Preparation, preparedFiles } from '#libs/datasets';
import { CLOCK, type Clock, DomainError, formatMoney, newId } from '#libs/kernel';
import type { SftLora } from '#libs/messages';
import { UsageService } from '#libs/usage';
import type { Transaction } from '#platform/database';
import type { FineTuneJob } from './fine-tune-job.js';
import {
  changeJob,
  findJobs,
  findRepeated,
  holdsOfJobs,
  insertJob,
  lockJob,
  lockRequest,
} from './fine-tune-job.repository.js';
import { fineTuneJobStates } from './fine-tune-job.state.js';
import { type FineTuneRequest, refusedAt, requestSha256 } from './fine-tune-request.js';
import { FINE_TUNING_ERRORS } from './fine-tuning.errors.js';
import { seedOf } from './hyperparameters.js';
import { FineTunePlanner, type Quote } from './planner.js';

export interface FineTuneQuote {
  preparation: Preparation | null;
  /** Null while the file is not validated for the checkpoint under this policy. */
  quote: Quote | null;
  /** The spend cap that would refuse the job as things stand. */
  refusingCapId: string | null;
}

export interface JobEnd {
  outcome: 'succeeded' | 'failed' | 'cancelled';
  /** Tokens that training read: each step counts once, however many attempts ran it. */
  tokens: number;
  checkpoint?: { id: string; name: string };
  /** Its curves, as a file. */
  resultFileId?: string | null;
  error?: FineTuneJob['error'];
}

/** A repeated create within this time, marked as a retry by the client, is the same job. */
const RETRY_WINDOW_MILLISECONDS = 10 * 60_000;
const MAX_ATTEMPTS = 5;
const LIMITS = { threads: 1, memory_bytes: 6 * 1024 ** 3, wall_seconds: 24 * 3600 } as const;

/** Fine-tune jobs, from request to variant; the same whichever door a request came through. */
@Injectable()
export class FineTuningService implements OnModuleInit {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly planner: FineTunePlanner,
    private readonly catalog: CatalogService,
    private readonly reservations: ReservationService,
    private readonly stops: ServiceStopService,
    private readonly datasets: DatasetsService,
    private readonly compute: ComputeService,
    private readonly usage: UsageService,
    private readonly deletion: VariantDeletionService,
  ) {}

  onModuleInit(): void {
    this.deletion.alsoHeldBy(holdsOfJobs);
    // Of whomever it was listed for, whose own what reads it is: theirs are counted, not named.
    this.deletion.alsoHeldBy(async (tx, { objectKeys }) => {
      const count = await this.compute.countReadersElsewhere(tx, objectKeys);
      return count === 0 ? [] : [{ what: 'jobs_of_others', id: null, name: null, count }];
    });
  }

  /** What a job would take and cost; null while its file is not validated for the checkpoint under this policy. */
  async quote(tx: Transaction, request: FineTuneRequest): Promise<FineTuneQuote> {
    const parent = await this.planner.admit(tx, request);
    await this.assertFiles(tx, request);
    const preparation = await this.datasets.findPrepared(tx, this.toPrepare(request, parent));
    if (preparation?.status !== 'ready') return { preparation, quote: null, refusingCapId: null };
    const quote = await this.planner.price(tx, parent, preparation, {
      projectId: request.projectId,
      requested: request.hyperparameters ?? {},
      seed: request.seed ?? 0,
    });
    const spender = spenderOf({ ...request, currency: quote.currency, createdBy: tx.scope.actor.id });
    const refusing = await this.reservations.refusingCap(tx, spender, quote.priceNanos);
    return { preparation, quote, refusingCapId: refusing?.id ?? null };
  }

  async create(tx: Transaction, request: FineTuneRequest): Promise<FineTuneJob> {
    const sha256 = requestSha256(request);
    await lockRequest(tx, tx.scope.actor.id, sha256);
    const parent = await this.planner.admit(tx, request);
    await this.assertFiles(tx, request);
    const id = newId('ftjob');
    const toPrepare = this.toPrepare(request, parent);
    const preparation = await this.datasets.ensurePrepared(tx, toPrepare);
    await this.datasets.hold(tx, Object.values(filesOf(request)), id);
    const job = await insertJob(tx, {
      id,
      organization_id: tx.scope.organizationId,
      project_id: request.projectId,
      status: fineTuneJobStates.initial,
      method: 'supervised',
      suffix: request.suffix ?? null,
      parent_checkpoint_id: parent.id,
      parent_name: parent.name,
      family_id: parent.familyId,
      base_checkpoint_id: parent.baseCheckpointId,
      training_file_id: request.trainingFileId,
      validation_file_id: request.validationFileId ?? null,
      preparation_id: preparation.id,
      requested: JSON.stringify(request.hyperparameters ?? {}),
      policy: JSON.stringify(toPrepare.policy),
      metadata: JSON.stringify(request.metadata ?? {}),
      seed: request.seed ?? seedOf(id),
      cost_cap_nanos: request.costCapNanos?.toString() ?? null,
      created_by: tx.scope.actor.id,
      request_sha256: sha256,
      created_at: this.clock.now(),
    });
    return preparation.status === 'pending' ? job : this.proceed(tx, job, preparation);
  }

  /** The job that the same caller's equal request made a moment ago: a client that heard no answer asks again. */
  async createOrRepeat(tx: Transaction, request: FineTuneRequest): Promise<FineTuneJob> {
    const since = new Date(this.clock.now().getTime() - RETRY_WINDOW_MILLISECONDS);
    const sha256 = requestSha256(request);
    await lockRequest(tx, tx.scope.actor.id, sha256);
    return (await findRepeated(tx, tx.scope.actor.id, sha256, since)) ?? this.create(tx, request);
  }

  async get(tx: Transaction, id: string): Promise<FineTuneJob> {
    return present(await findJobs(tx, [id]), id);
  }

  /** Its file has been looked at: a good one is priced, reserved for and queued; whatever is in the way ends the job. */
  async proceed(tx: Transaction, job: FineTuneJob, preparation: Preparation): Promise<FineTuneJob> {
    if (preparation.status === 'invalid') {
      const message = preparation.report ? describeInvalid(preparation.report) : (preparation.error?.message ?? '');
      return this.fail(tx, job, { code: 'invalid_training_file', message, param: 'training_file' });
    }
    if (preparation.status === 'failed') {
      return this.fail(tx, job, { code: 'preparation_failed', message: preparation.error?.message ?? '', param: null });
    }
    try {
      return await this.accept(tx, job, preparation);
    } catch (error) {
      // Nobody is on the line: what would be refused is told by the job.
      if (!(error instanceof DomainError)) throw error;
      return this.fail(tx, job, jobError(error));
    }
  }

  /** What is running ends in its own time: `compute.job.ended` then tells how far it came. */
  async cancel(tx: Transaction, id: string): Promise<FineTuneJob> {
    const job = await this.lock(tx, id);
    fineTuneJobStates.assert(job.status, 'cancelled');
    const { computeJobId } = job;
    if (!computeJobId) return this.end(tx, job, { outcome: 'cancelled', tokens: 0 });
    if ((await this.compute.cancel(tx, computeJobId)) === 'cancelling') return job;
    const tokens = await this.compute.metricTotal(tx, computeJobId, 'tokens');
    return this.end(tx, job, { outcome: 'cancelled', tokens });
  }

  /** A trainer at work saves and stops, and `compute.job.ended` tells when; nothing is lost but the steps of a started batch. */
  async pause(tx: Transaction, id: string): Promise<FineTuneJob> {
    const job = await this.lock(tx, id);
    fineTuneJobStates.assert(job.status, 'paused');
    const state = await this.compute.pause(tx, job.computeJobId!);
    return state === 'paused' ? changeJob(tx, job, { status: 'paused' }) : job;
  }

  async resume(tx: Transaction, id: string): Promise<FineTuneJob> {
    const job = await this.lock(tx, id);
    const { status } = job;
    if (status !== 'paused') throw FINE_TUNING_ERRORS.FINE_TUNE_JOB_NOT_PAUSED({ id, status });
    await this.assertMayTrain(tx, job);
    await this.compute.resume(tx, job.computeJobId!);
    return changeJob(tx, job, { status: 'queued' });
  }

  async started(tx: Transaction, id: string): Promise<void> {
    const job = await lockJob(tx, id);
    if (!job || !fineTuneJobStates.can(job.status, 'running')) return;
    if (job.startedAt) return void (await changeJob(tx, job, { status: 'running' }));
    await changeJob(tx, job, {
      status: 'running',
      started_at: this.clock.now(),
      // Not when it was accepted: those that were queued before it have ended since.
      recorded_training_seconds: await this.planner.recordedSeconds(tx, job.familyId, job.plannedTokens!),
    });
  }

  async paused(tx: Transaction, id: string): Promise<void> {
    const job = await lockJob(tx, id);
    if (!job?.computeJobId || !fineTuneJobStates.can(job.status, 'paused')) return;
    // The message may come again when the job was resumed meanwhile.
    const { state } = await this.compute.get(tx, job.computeJobId);
    if (state === 'paused') await changeJob(tx, job, { status: 'paused' });
  }

  /** Ends a job once: what was trained is billed, what was reserved beyond it is let go. */
  async end(tx: Transaction, job: FineTuneJob, end: JobEnd): Promise<FineTuneJob> {
    if (fineTuneJobStates.isTerminal(job.status)) return job;
    await this.datasets.release(tx, job.id);
    return changeJob(tx, job, {
      status: end.outcome,
      trained_tokens: end.tokens,
      cost_nanos: (await this.settle(tx, job, end.tokens)).toString(),
      finished_at: this.clock.now(),
      result_file_id: end.resultFileId ?? null,
      ...(end.checkpoint ? { output_checkpoint_id: end.checkpoint.id, output_name: end.checkpoint.name } : {}),
      ...(end.error
        ? { error_code: end.error.code, error_message: end.error.message, error_param: end.error.param }
        : {}),
    });
  }

  private fail(tx: Transaction, job: FineTuneJob, error: NonNullable<FineTuneJob['error']>): Promise<FineTuneJob> {
    return this.end(tx, job, { outcome: 'failed', tokens: 0, error });
  }

  /** Refuses before it writes anything. The job was asked for under the prices of its day. */
  private async accept(tx: Transaction, job: FineTuneJob, preparation: Preparation): Promise<FineTuneJob> {
    await this.assertMayTrain(tx, job);
    const parent = await this.catalog.getVisible(tx, job.parentCheckpointId);
    const quote = await this.planner.price(tx, parent, preparation, { ...job, at: job.createdAt });
    const { priceNanos, currency } = quote;
    if (job.costCapNanos !== null && priceNanos > job.costCapNanos) {
      const [cost, cap] = [priceNanos, job.costCapNanos].map((nanos) => formatMoney({ nanos, currency }));
      throw FINE_TUNING_ERRORS.COST_CAP_TOO_LOW({ cost: cost!, cap: cap! }, { path: ['costCapNanos'] });
    }
    // Before anything is submitted: a cap may refuse it.
    const reservationId = await this.reservations.reserve(tx, {
      ownerId: job.id,
      ...spenderOf({ ...job, currency }),
      capNanos: priceNanos,
    });
    return changeJob(tx, job, {
      status: 'queued',
      recipe: JSON.stringify(quote.recipe),
      planned_steps: quote.steps,
      planned_tokens: quote.tokens,
      quoted_nanos: priceNanos.toString(),
      currency,
      estimated_seconds: quote.estimatedSeconds,
      estimated_finish_at: new Date(this.clock.now().getTime() + quote.estimatedSeconds * 1000),
      compute_job_id: await this.submit(tx, job, parent, preparation, quote.recipe),
      reservation_id: reservationId,
    });
  }

  /** What may have been stopped since. Whoever may no longer see the checkpoint is told which entitlement ended, rather than that there is no such checkpoint. */
  private async assertMayTrain(tx: Transaction, job: FineTuneJob): Promise<void> {
    const { parentCheckpointId: id, familyId, baseCheckpointId, parentName: name, projectId } = job;
    await this.stops.assertMayWork(tx, { projectId });
    const parent = { id, familyId, baseCheckpointId, name };
    await refusedAt(['model'], this.catalog.assertMayGoOn(tx, 'fine_tune', parent));
  }

  /** At the price of the day the job was accepted, and never above what was reserved; asks nothing that may have changed since. */
  private async settle(tx: Transaction, job: FineTuneJob, tokens: number): Promise<bigint> {
    if (!job.reservationId) return 0n;
    if (tokens === 0) {
      await this.reservations.release(tx, job.reservationId);
      return 0n;
    }
    const { familyId, baseCheckpointId, createdAt } = job;
    const { roundedNanos } = await this.planner.priceOf(tx, job, tokens, createdAt);
    const { settledNanos } = await this.reservations.settle(tx, job.reservationId, roundedNanos);
    await this.usage.recordTraining(tx, {
      fineTuneJobId: job.id,
      projectId: job.projectId,
      model: job.parentName,
      checkpointId: job.parentCheckpointId,
      baseCheckpointId,
      familyId,
      method: TRAINING_METHOD,
      tokens,
      acceptedAt: createdAt,
    });
    return settledNanos ?? 0n;
  }

  private async submit(
    tx: Transaction,
    job: FineTuneJob,
    parent: PublishedCheckpoint,
    preparation: Preparation,
    recipe: SftLora,
  ): Promise<string> {
    const base = await this.catalog.files(tx, parent.baseCheckpointId, 'weights');
    const adapter = parent.kind === 'adapter' ? await this.catalog.files(tx, parent.id, 'weights') : null;
    return this.compute.submit(tx, {
      kind: 'train',
      ownerId: job.id,
      projectId: job.projectId,
      parameters: { base_name: parent.name, method: recipe },
      inputs: [
        { name: 'base', files: base },
        { name: 'prepared', files: preparedFiles(preparation) },
        ...(adapter ? [{ name: 'adapter' as const, files: adapter }] : []),
      ],
      outputPrefix: `org/${tx.scope.organizationId}/fine-tune-jobs/${job.id}/`,
      limits: LIMITS,
      maxAttempts: MAX_ATTEMPTS,
    });
  }

  /** The data of one project don't get into the variants of another. */
  private async assertFiles(tx: Transaction, request: FineTuneRequest): Promise<void> {
    for (const [field, id] of Object.entries(filesOf(request))) {
      const { projectId } = await refusedAt([field], this.datasets.getVersion(tx, id));
      if (projectId === request.projectId) continue;
      throw FINE_TUNING_ERRORS.FILE_IN_OTHER_PROJECT({ id, projectId: request.projectId }, { path: [field] });
    }
  }

  private toPrepare(request: FineTuneRequest, parent: PublishedCheckpoint) {
    return {
      versionId: request.trainingFileId,
      validationVersionId: request.validationFileId,
      checkpointId: parent.id,
      policy: this.planner.policyOf(request, parent),
    };
  }

  private async lock(tx: Transaction, id: string): Promise<FineTuneJob> {
    const job = await this.get(tx, id);
    return (await lockJob(tx, job.id)) ?? job;
  }
}

function filesOf({ trainingFileId, validationFileId }: FineTuneRequest): Record<string, string> {
  return validationFileId ? { trainingFileId, validationFileId } : { trainingFileId };
}

/** OpenAI's names of what a request says, for `param`. */
const PARAMS: Record<string, string> = { model: 'model', trainingFileId: 'training_file', costCapNanos: 'cost_cap' };

/** A refusal as the job tells it that it ended. */
export function jobError({ code, message, path }: DomainError): NonNullable<FineTuneJob['error']> {
  return { code: code.toLowerCase(), message, param: PARAMS[String(path[0])] ?? null };
}

function present([job]: readonly FineTuneJob[], id: string): FineTuneJob {
  if (!job) throw FINE_TUNING_ERRORS.FINE_TUNE_JOB_NOT_FOUND({ id });
  return job;
}
