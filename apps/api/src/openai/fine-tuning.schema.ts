import { z } from 'zod';
import { FINE_TUNING_ERRORS, type FineTuneRequest } from '#libs/fine-tuning';
import { DomainError, type ErrorPath } from '#libs/kernel';

const auto = <S extends z.ZodType>(schema: S) => z.union([z.literal('auto'), schema]).optional();

const Hyperparameters = z.strictObject({
  batch_size: auto(z.int()),
  learning_rate_multiplier: auto(z.number()),
  n_epochs: auto(z.number()),
});

const Method = z.object({
  type: z.string(),
  supervised: z.strictObject({ hyperparameters: Hyperparameters.optional() }).optional(),
});

/** The body of POST /v1/fine_tuning/jobs. `hyperparameters` at the top is OpenAI's older form of `method`. */
const CreateBody = z.object({
  model: z.string().min(1),
  training_file: z.string().min(1),
  validation_file: z.string().min(1).nullish(),
  suffix: z.string().nullish(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .nullish(),
  method: Method.optional(),
  hyperparameters: Hyperparameters.optional(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, 'at most 16 pairs')
    .nullish(),
  integrations: z
    .array(z.unknown())
    .max(0, 'nothing leaves the platform: integrations with other services are not offered')
    .nullish(),
});

const SUPERVISED = 'supervised';

export function readCreateBody(body: unknown): Omit<FineTuneRequest, 'projectId'> {
  const read = readOrRefuse(CreateBody, body);
  const { method } = read;
  if (method && method.type !== SUPERVISED) {
    throw FINE_TUNING_ERRORS.METHOD_UNSUPPORTED({ method: method.type }, { path: ['method', 'type'] });
  }
  const chosen = method?.supervised?.hyperparameters ?? read.hyperparameters ?? {};
  return {
    model: read.model,
    trainingFileId: read.training_file,
    validationFileId: read.validation_file ?? undefined,
    suffix: read.suffix ?? undefined,
    seed: read.seed ?? undefined,
    metadata: read.metadata ?? undefined,
    hyperparameters: {
      batchSize: chosen.batch_size,
      learningRateMultiplier: chosen.learning_rate_multiplier,
      epochs: chosen.n_epochs,
    },
  };
}

/** Our names of the body's fields, where they differ. */
const BODY_FIELDS: Record<string, string> = {
  trainingFileId: 'training_file',
  validationFileId: 'validation_file',
  batchSize: 'batch_size',
  learningRateMultiplier: 'learning_rate_multiplier',
  epochs: 'n_epochs',
};

/** Where in the body lies what a refusal is about. */
export function pathInBody(path: ErrorPath): ErrorPath {
  return path.map((part) => BODY_FIELDS[part] ?? part);
}

const PageQuery = z.object({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
  metadata: z.literal('null').optional(),
});
const FILTER = /^metadata\[(.+)\]$/;

export interface PageRequest {
  after?: string;
  limit: number;
  /** Null: those without any. */
  metadata?: Record<string, string> | null;
}

/** `after`, `limit`, and for the list of jobs `metadata[k]=v`, or `metadata=null`. */
export function readPageQuery(query: unknown, defaultLimit = 20): PageRequest {
  const { after, limit = defaultLimit, metadata } = readOrRefuse(PageQuery, query);
  if (metadata === 'null') return { after, limit, metadata: null };
  const pairs = Object.entries(query as Record<string, string>).flatMap(([name, value]) => {
    const key = FILTER.exec(name)?.[1];
    return key === undefined ? [] : [[key, value] as const];
  });
  return { after, limit, ...(pairs.length ? { metadata: Object.fromEntries(pairs) } : {}) };
}

function readOrRefuse<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new DomainError('INVALID_REQUEST', `${path.join('.') || 'The body'}: ${message}.`, {
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
  });
}
