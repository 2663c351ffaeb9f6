import { z } from 'zod';
import { StoredFolder } from './files.js';
import { TrainerReport } from './reports.js';

/**
 * What an attempt tells, in order. Events are numbered from 1 within the attempt, kept on the trainer's disk as JSON
 * lines until acknowledged, and posted again after a failure: the receiver drops numbers it has.
 */
const numbered = {
  number: z.int().min(1),
  at: z.iso.datetime().meta({ description: 'Trainer’s clock, UTC; for people, never for ordering' }),
};

export const LogEvent = z
  .strictObject({
    ...numbered,
    type: z.literal('log'),
    level: z.enum(['info', 'warn', 'error']),
    message: z.string().min(1).max(4000),
  })
  .meta({ id: 'LogEvent', description: 'For the person who follows the job' });

export const ProgressEvent = z
  .strictObject({
    ...numbered,
    type: z.literal('progress'),
    stage: z.enum(['starting', 'downloading', 'loading', 'preparing', 'training', 'evaluating', 'uploading']),
    step: z
      .int()
      .min(0)
      .meta({ description: 'Bytes for downloading, uploading and preparing; examples; optimizer steps' }),
    total_steps: z.int().min(0),
    tokens: z.int().min(0).meta({ description: 'Tokens read so far by the job' }),
    seconds_left: z.number().min(0).optional().meta({ description: 'Absent until there is a rate to tell from' }),
  })
  .meta({ id: 'ProgressEvent' });

export const METRIC_NAMES = [
  'train_loss',
  'train_mean_token_accuracy',
  'learning_rate',
  'grad_norm',
  'tokens',
  'trained_tokens',
  'valid_loss',
  'valid_mean_token_accuracy',
] as const;

export const MetricName = z.enum(METRIC_NAMES).meta({
  id: 'MetricName',
  description:
    'tokens and trained_tokens are of this step alone, padding left out: their sum over steps is what is billed',
});
export type MetricName = z.infer<typeof MetricName>;

export const MetricRow = z
  .strictObject({
    name: MetricName,
    step: z.int().min(1),
    value: z.number(),
    epoch: z.number().min(0).optional(),
  })
  .meta({ id: 'MetricRow', description: 'A later attempt that runs the step again replaces the row (name, step)' });
export type MetricRow = z.infer<typeof MetricRow>;

export const MetricsEvent = z
  .strictObject({ ...numbered, type: z.literal('metrics'), rows: z.array(MetricRow).min(1).max(1000) })
  .meta({ id: 'MetricsEvent' });

export const CheckpointEvent = z
  .strictObject({ ...numbered, type: z.literal('checkpoint'), step: z.int().min(1), folder: StoredFolder })
  .meta({
    id: 'CheckpointEvent',
    description: 'An intermediate checkpoint is stored whole: it can be served and resumed from',
  });

export const ReportEvent = z
  .strictObject({ ...numbered, type: z.literal('report'), report: TrainerReport })
  .meta({ id: 'ReportEvent', description: 'The result in figures; for a preparation with the first errors only' });

export const TrainerErrorCode = z
  .enum([
    'adapter_mismatch',
    'base_unusable',
    'download_failed',
    'hash_mismatch',
    'internal_error',
    'invalid_prepared_data',
    'invalid_spec',
    'invalid_suite',
    'invalid_training_file',
    'loss_not_finite',
    'resume_unusable',
    'upload_failed',
  ])
  .meta({ id: 'TrainerErrorCode' });
export type TrainerErrorCode = z.infer<typeof TrainerErrorCode>;

export const TrainerError = z
  .strictObject({
    code: TrainerErrorCode,
    message: z.string().min(1).max(4000),
    fix: z.string().max(1000).meta({ description: 'What to do about it' }),
    retryable: z.boolean().meta({ description: 'Another attempt may succeed unchanged' }),
  })
  .meta({ id: 'TrainerError' });
export type TrainerError = z.infer<typeof TrainerError>;

export const AttemptOutcome = z.enum(['succeeded', 'invalid', 'failed', 'stopped']).meta({
  id: 'AttemptOutcome',
  description: 'invalid: the data is at fault, said in the report; stopped: saved and resumable',
});
export type AttemptOutcome = z.infer<typeof AttemptOutcome>;

export const EndedEvent = z
  .strictObject({
    ...numbered,
    type: z.literal('ended'),
    outcome: AttemptOutcome,
    folder: StoredFolder.optional().meta({
      description: 'The output folder: always for succeeded and invalid preparations',
    }),
    error: TrainerError.optional().meta({ description: 'Always for invalid and failed' }),
  })
  .meta({ id: 'EndedEvent', description: 'The last event of an attempt' });

export const TrainerEvent = z
  .discriminatedUnion('type', [LogEvent, ProgressEvent, MetricsEvent, CheckpointEvent, ReportEvent, EndedEvent])
  .meta({ id: 'TrainerEvent', discriminator: { propertyName: 'type' } });
export type TrainerEvent = z.infer<typeof TrainerEvent>;
