import { z } from 'zod';
import { TAG } from '#libs/kernel';

/** Parses the environment once, at the start of a process; what is wrong is named in one message. */
export function loadConfig<S extends z.ZodType>(schema: S, environment: NodeJS.ProcessEnv = process.env): z.infer<S> {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`).join('\n');
  throw new Error(
    `The environment is not complete:\n${problems}\nSee docs/guides/configuration.md for every variable.`,
  );
}

const port = z.coerce.number().int().min(1).max(65535);

/** Variables that several processes share; a process picks what it needs. */
export const ENVIRONMENT = {
  HOST: z.string().default('127.0.0.1'),
  API_PORT: port.default(21001),
  API_INTERNAL_PORT: port.default(21002),
  WORKER_PORT: port.default(21003),
  GATEWAY_PORT: port.default(21000),
  DATABASE_APP_URL: z.string().min(1),
  DATABASE_RELAY_URL: z.string().min(1),
  DATABASE_RECONCILER_URL: z.string().min(1),
  DATABASE_GATEWAY_URL: z.string().min(1),
  DATABASE_INTAKE_URL: z.string().min(1),
  DATABASE_OWNER_URL: z.string().min(1),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
  VALKEY_URL: z.string().min(1),
  S3_ENDPOINT: z.url(),
  S3_PUBLIC_ENDPOINT: z.url(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().min(1),
  S3_SECRET_ACCESS_KEY: z.string().min(1),
  S3_BUCKET: z.string().min(3),
  API_KEY_PEPPER: z.string().min(32),
  SESSION_SECRET: z.string().min(32),
  /** Shown by the gateway at the api's internal listener. */
  GATEWAY_TOKEN: z.string().min(32),
  PUBLIC_ORIGIN: z.url(),
  /** The payment provider: without key and secret nothing is collected. The address is for a fake or a proxy. */
  STRIPE_API_KEY: z.string().min(1).optional(),
  STRIPE_WEBHOOK_SECRET: z.string().min(1).optional(),
  STRIPE_API_URL: z.url().optional(),
  /** 1: Stripe Tax adds the tax of every invoice. */
  STRIPE_TAX: z.enum(['0', '1']).default('0'),
  /** Where the cluster, the engines and the object store are, as contracts name regions. */
  FORKPOINT_REGION: z.string().regex(TAG).optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
} as const;
