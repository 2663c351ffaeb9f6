import type { Removal } from '#libs/contracts';
import type { Currency } from '#libs/kernel';
import type { PreparationPolicy, SftLora } from '#libs/messages';
import type { FineTuneState } from './fine-tune-job.state.js';
import type { RequestedHyperparameters } from './hyperparameters.js';

/** A fine-tune job as its owner sees it. Amounts are nanos of its currency, tokens are counted by the checkpoint's own tokenizer. */
export interface FineTuneJob {
  id: string;
  organizationId: string;
  projectId: string;
  status: FineTuneState;
  method: 'supervised';
  suffix: string | null;
  parentCheckpointId: string;
  parentName: string;
  familyId: string;
  /** What an engine loads to serve the parent: itself, or the base below it. */
  baseCheckpointId: string;
  trainingFileId: string;
  validationFileId: string | null;
  preparationId: string | null;
  computeJobId: string | null;
  reservationId: string | null;
  outputCheckpointId: string | null;
  outputName: string | null;
  /** Curves as CSV, once it succeeded. */
  resultFileId: string | null;
  requested: RequestedHyperparameters;
  recipe: SftLora | null;
  policy: PreparationPolicy;
  metadata: Record<string, string>;
  seed: number;
  costCapNanos: bigint | null;
  plannedSteps: number | null;
  plannedTokens: number | null;
  quotedNanos: bigint | null;
  /** Of the amounts; USD until it is quoted. */
  currency: Currency;
  costNanos: bigint | null;
  trainedTokens: number | null;
  estimatedSeconds: number | null;
  /** What training it should take by jobs of its family that had ended when it started; null where none had. */
  recordedTrainingSeconds: number | null;
  error: { code: string; message: string; param: string | null } | null;
  createdBy: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  estimatedFinishAt: Date | null;
  /** Where a clause of a contract removed what it made. */
  removal: Removal | null;
}

export interface FineTuneJobRow {
  id: string;
  organization_id: string;
  project_id: string;
  status: FineTuneState;
  method: 'supervised';
  suffix: string | null;
  parent_checkpoint_id: string;
  parent_name: string;
  family_id: string;
  base_checkpoint_id: string;
  training_file_id: string;
  validation_file_id: string | null;
  preparation_id: string | null;
  compute_job_id: string | null;
  reservation_id: string | null;
  output_checkpoint_id: string | null;
  output_name: string | null;
  result_file_id: string | null;
  requested: RequestedHyperparameters;
  recipe: SftLora | null;
  policy: PreparationPolicy;
  metadata: Record<string, string>;
  seed: string;
  cost_cap_nanos: string | null;
  planned_steps: number | null;
  planned_tokens: string | null;
  quoted_nanos: string | null;
  currency: Currency;
  cost_nanos: string | null;
  trained_tokens: string | null;
  estimated_seconds: number | null;
  recorded_training_seconds: number | null;
  error_code: string | null;
  error_message: string | null;
  error_param: string | null;
  created_by: string;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  estimated_finish_at: Date | null;
  removal: Removal | null;
}

export function toFineTuneJob(row: FineTuneJobRow): FineTuneJob {
  return {
    id: row.id,
    organizationId: row.organization_id,
    projectId: row.project_id,
    status: row.status,
    method: row.method,
    suffix: row.suffix,
    parentCheckpointId: row.parent_checkpoint_id,
    parentName: row.parent_name,
    familyId: row.family_id,
    baseCheckpointId: row.base_checkpoint_id,
    trainingFileId: row.training_file_id,
    validationFileId: row.validation_file_id,
    preparationId: row.preparation_id,
    computeJobId: row.compute_job_id,
    reservationId: row.reservation_id,
    outputCheckpointId: row.output_checkpoint_id,
    outputName: row.output_name,
    resultFileId: row.result_file_id,
    requested: row.requested,
    recipe: row.recipe,
    policy: row.policy,
    metadata: row.metadata,
    seed: Number(row.seed),
    costCapNanos: bigint(row.cost_cap_nanos),
    plannedSteps: row.planned_steps,
    plannedTokens: integer(row.planned_tokens),
    quotedNanos: bigint(row.quoted_nanos),
    currency: row.currency,
    costNanos: bigint(row.cost_nanos),
    trainedTokens: integer(row.trained_tokens),
    estimatedSeconds: row.estimated_seconds,
    recordedTrainingSeconds: row.recorded_training_seconds,
    error:
      row.error_code === null
        ? null
        : { code: row.error_code, message: row.error_message ?? '', param: row.error_param },
    createdBy: row.created_by,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    estimatedFinishAt: row.estimated_finish_at,
    removal: row.removal,
  };
}

function bigint(text: string | null): bigint | null {
  return text === null ? null : BigInt(text);
}

function integer(text: string | null): number | null {
  return text === null ? null : Number(text);
}
