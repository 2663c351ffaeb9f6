import { z } from 'zod';
import { TRAINER_SCHEMA_VERSION, TrainerFile } from './files.js';

/**
 * What a trainer attempt is asked to do. The compute domain composes it from the work (kind, parameters), the named
 * inputs and the attempt; the attempt token travels in the environment (FORKPOINT_ATTEMPT_TOKEN), never in the spec.
 * Every value is explicit: nothing here has a default, so the stored spec says all that was in force.
 */

// --- parameters of each kind -----------------------------------------------------------------------------------

export const OverLongPolicy = z.enum(['reject', 'drop', 'truncate']).meta({
  id: 'OverLongPolicy',
  description: 'What happens to a row over max_tokens: reject = a data error, drop and truncate = done and counted',
});
export type OverLongPolicy = z.infer<typeof OverLongPolicy>;

export const PreparationPolicy = z
  .strictObject({
    over_long: OverLongPolicy,
    max_tokens: z.int().min(2).meta({ description: 'Longest row in tokens, template included' }),
    validation_fraction: z
      .number()
      .min(0)
      .max(0.5)
      .meta({ description: 'Share of rows set apart for validation; 0 when a validation file is given' }),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .meta({ description: 'Chooses the validation rows' }),
  })
  .meta({ id: 'PreparationPolicy' });
export type PreparationPolicy = z.infer<typeof PreparationPolicy>;

export const PrepareParameters = z.strictObject({ policy: PreparationPolicy }).meta({ id: 'PrepareParameters' });
export type PrepareParameters = z.infer<typeof PrepareParameters>;

export const LearningRateScheduler = z
  .enum(['constant', 'linear', 'cosine'])
  .meta({ id: 'LearningRateScheduler', description: 'Shape after warm-up; linear and cosine end at 0' });

export const SftLora = z
  .strictObject({
    type: z.literal('sft_lora'),
    rank: z.int().min(1).max(512),
    alpha: z.number().positive(),
    target_modules: z.union([z.literal('all-linear'), z.array(z.string()).min(1)]),
    dropout: z.number().min(0).lt(1),
    rslora: z.boolean().meta({ description: 'Scale by alpha / sqrt(rank) instead of alpha / rank' }),
    learning_rate: z.number().positive(),
    scheduler: LearningRateScheduler,
    warmup_steps: z.int().min(0),
    batch_size: z.int().min(1).meta({ description: 'Rows per forward pass' }),
    gradient_accumulation: z.int().min(1).meta({ description: 'Forward passes per optimizer step' }),
    n_epochs: z.number().positive().max(100),
    max_steps: z.int().min(1).optional().meta({ description: 'Ends training early when reached' }),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
    weight_decay: z.number().min(0),
    max_grad_norm: z.number().positive(),
    logging_steps: z.int().min(1).meta({ description: 'Metrics are reported at every n-th step and the last' }),
    checkpoint_every_steps: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Whole intermediate checkpoints; absent: only when stopped' }),
  })
  .meta({ id: 'SftLora', description: 'Supervised fine-tuning of a LoRA adapter (TRL SFTTrainer + PEFT)' });
export type SftLora = z.infer<typeof SftLora>;

export const TrainParameters = z
  .strictObject({
    base_name: z.string().min(1).meta({ description: 'Checkpoint name, for adapter_config.json and the model card' }),
    method: SftLora.meta({ description: 'The only method so far; others will join by their `type`' }),
  })
  .meta({ id: 'TrainParameters' });
export type TrainParameters = z.infer<typeof TrainParameters>;

export const EvaluationMetric = z.enum(['exact_match', 'contains', 'loss']).meta({
  id: 'EvaluationMetric',
  description:
    'exact_match and contains: greedy output against expected (1 or 0); loss: mean negative log-likelihood of expected',
});
export type EvaluationMetric = z.infer<typeof EvaluationMetric>;

export const EvaluateParameters = z
  .strictObject({
    metric: EvaluationMetric,
    max_new_tokens: z.int().min(1),
    batch_size: z.int().min(1),
  })
  .meta({ id: 'EvaluateParameters' });
export type EvaluateParameters = z.infer<typeof EvaluateParameters>;

// --- inputs: names and files; a read is asked for by (input, path) -----------------------------------------------

export const InputName = z
  .enum(['base', 'adapter', 'dataset', 'validation', 'prepared', 'suite', 'resume'])
  .meta({ id: 'InputName' });
export type InputName = z.infer<typeof InputName>;

const files = z.array(TrainerFile).min(1);
const oneFile = z.array(TrainerFile).length(1);

export const PrepareInputs = z
  .strictObject({
    base: files.meta({ description: 'Of the base checkpoint at least tokenizer.json and tokenizer_config.json' }),
    dataset: oneFile.meta({ description: 'JSONL, plain or gzip' }),
    validation: oneFile.optional().meta({ description: 'JSONL, plain or gzip' }),
  })
  .meta({ id: 'PrepareInputs' });

export const TrainInputs = z
  .strictObject({
    base: files,
    prepared: files.meta({ description: 'The files of a preparation’s manifest' }),
    adapter: files.optional().meta({ description: 'Adapter to train on: same rank, targets and scaling as asked for' }),
    resume: files.optional().meta({
      description: 'Newest whole intermediate checkpoint of an earlier attempt of this job; wins over adapter',
    }),
  })
  .meta({ id: 'TrainInputs' });

export const EvaluateInputs = z
  .strictObject({
    base: files,
    adapter: files.optional(),
    suite: oneFile.meta({ description: 'JSONL of SuiteRow' }),
  })
  .meta({ id: 'EvaluateInputs' });

// --- the spec ----------------------------------------------------------------------------------------------------

export const JobLimits = z
  .strictObject({
    threads: z.int().min(1).meta({ description: 'Compute threads the trainer starts' }),
    memory_bytes: z.int().min(1).meta({ description: 'Held by the driver; stated here for the record' }),
    wall_seconds: z.int().min(1).meta({ description: 'Held by the driver; stated here for the record' }),
  })
  .meta({ id: 'JobLimits' });
export type JobLimits = z.infer<typeof JobLimits>;

const envelope = {
  schema_version: z.literal(TRAINER_SCHEMA_VERSION),
  job_id: z.string().min(1),
  attempt_id: z.string().min(1),
  attempt: z.int().min(1).meta({ description: 'Number of the attempt: the fencing token' }),
  api_url: z.url({ protocol: /^https?$/ }).meta({ description: 'Origin of the internal listener' }),
  heartbeat_seconds: z.number().positive().meta({ description: 'Longest silence between two posts of events' }),
  limits: JobLimits,
};

export const PrepareSpec = z
  .strictObject({ ...envelope, kind: z.literal('prepare'), inputs: PrepareInputs, parameters: PrepareParameters })
  .meta({ id: 'PrepareSpec' });
export type PrepareSpec = z.infer<typeof PrepareSpec>;

export const TrainSpec = z
  .strictObject({ ...envelope, kind: z.literal('train'), inputs: TrainInputs, parameters: TrainParameters })
  .meta({ id: 'TrainSpec' });
export type TrainSpec = z.infer<typeof TrainSpec>;

export const EvaluateSpec = z
  .strictObject({ ...envelope, kind: z.literal('evaluate'), inputs: EvaluateInputs, parameters: EvaluateParameters })
  .meta({ id: 'EvaluateSpec' });
export type EvaluateSpec = z.infer<typeof EvaluateSpec>;

export const JobSpec = z.discriminatedUnion('kind', [PrepareSpec, TrainSpec, EvaluateSpec]).meta({
  id: 'JobSpec',
  description: 'One attempt of one compute job, as given to the trainer in a file',
  discriminator: { propertyName: 'kind' },
});
export type JobSpec = z.infer<typeof JobSpec>;

/** What a domain submits: the spec less what an attempt adds (ids, inputs with keys, api_url). */
export const JobWork = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('prepare'), parameters: PrepareParameters }),
  z.strictObject({ kind: z.literal('train'), parameters: TrainParameters }),
  z.strictObject({ kind: z.literal('evaluate'), parameters: EvaluateParameters }),
]);
export type JobWork = z.infer<typeof JobWork>;
