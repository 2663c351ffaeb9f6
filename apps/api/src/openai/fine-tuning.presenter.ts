import type { FineTuningJobCheckpoint } from 'openai/resources/fine-tuning/jobs/checkpoints';
import type { FineTuningJob, FineTuningJobEvent } from 'openai/resources/fine-tuning/jobs/jobs';
import type { Checkpoint } from '#libs/catalog';
import type { ComputeEvent } from '#libs/compute';
import type { FineTuneJob } from '#libs/fine-tuning';

const seconds = (time: Date | null): number | null => (time ? Math.floor(time.getTime() / 1000) : null);

/** OpenAI's job object. `paused` is in none of its lists of states, though it has the calls for it; clients pass it through. */
export function presentJob(job: FineTuneJob): FineTuningJob {
  const hyperparameters = {
    batch_size: job.recipe?.batch_size ?? job.requested.batchSize ?? 'auto',
    learning_rate_multiplier: job.requested.learningRateMultiplier ?? 'auto',
    n_epochs: job.recipe?.n_epochs ?? job.requested.epochs ?? 'auto',
  } as const;
  return {
    id: job.id,
    object: 'fine_tuning.job',
    created_at: seconds(job.createdAt)!,
    finished_at: seconds(job.finishedAt),
    estimated_finish: job.finishedAt ? null : seconds(job.estimatedFinishAt),
    model: job.parentName,
    fine_tuned_model: job.status === 'succeeded' ? job.outputName : null,
    organization_id: job.organizationId,
    status: job.status as FineTuningJob['status'],
    training_file: job.trainingFileId,
    validation_file: job.validationFileId,
    result_files: job.resultFileId ? [job.resultFileId] : [],
    trained_tokens: job.trainedTokens,
    seed: job.seed,
    error: job.error,
    hyperparameters,
    method: { type: 'supervised', supervised: { hyperparameters } },
    integrations: [],
    metadata: Object.keys(job.metadata).length ? job.metadata : null,
  };
}

export function presentEvent(event: ComputeEvent): FineTuningJobEvent {
  return {
    id: event.id,
    object: 'fine_tuning.job.event',
    created_at: seconds(event.createdAt)!,
    level: event.level,
    message: event.message,
    type: 'message',
    data: event.data ?? undefined,
  };
}

export interface CheckpointMetrics {
  train_loss?: number;
  train_mean_token_accuracy?: number;
  valid_loss?: number;
  valid_mean_token_accuracy?: number;
}

export function presentCheckpoint(
  checkpoint: Checkpoint,
  jobId: string,
  { valid_loss, valid_mean_token_accuracy, ...train }: CheckpointMetrics,
): FineTuningJobCheckpoint {
  return {
    id: checkpoint.id,
    object: 'fine_tuning.job.checkpoint',
    created_at: seconds(checkpoint.createdAt)!,
    fine_tuned_model_checkpoint: checkpoint.name,
    fine_tuning_job_id: jobId,
    step_number: checkpoint.step,
    metrics: {
      step: checkpoint.step,
      ...train,
      // Validation reads the whole validation split, so both names mean the same.
      ...(valid_loss === undefined ? {} : { valid_loss, full_valid_loss: valid_loss }),
      ...(valid_mean_token_accuracy === undefined
        ? {}
        : { valid_mean_token_accuracy, full_valid_mean_token_accuracy: valid_mean_token_accuracy }),
    },
  };
}

/** One more than asked for was read: it tells whether the list goes on. */
export function page<T extends { id: string }>(data: T[], limit: number) {
  const kept = data.slice(0, limit);
  const ids = { first_id: kept[0]?.id ?? null, last_id: kept.at(-1)?.id ?? null };
  return { object: 'list' as const, data: kept, has_more: data.length > limit, ...ids };
}
