import { z } from 'zod';
import type { FineTuneRequest } from '#libs/fine-tuning';
import { DomainError } from '#libs/kernel';

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
    const message = `The method ${method.type} is not offered on this platform: use ${SUPERVISED}.`;
    throw new DomainError('METHOD_UNSUPPORTED', message, { path: ['method', 'type'] });
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

const PageQuery = z.object({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const FILTER = /^metadata\[(.+)\]$/;

/** `after`, `limit`, and for the list of jobs `metadata[k]=v`, or `metadata=null` for those without any. */
export function readPageQuery(query: unknown): { after?: string; limit: number; metadata?: Record<string, string> } {
  const page = readOrRefuse(PageQuery, query);
  const pairs = Object.entries(query as Record<string, string>).flatMap(([name, value]) => {
    const key = FILTER.exec(name)?.[1];
    return key === undefined ? [] : [[key, value] as const];
  });
  return { ...page, ...(pairs.length ? { metadata: Object.fromEntries(pairs) } : {}) };
}

function readOrRefuse<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new DomainError('INVALID_REQUEST', `${path.join('.') || 'The body'}: ${message}.`, {
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
  });
}
