import { resolve } from 'node:path';
import { z } from 'zod';
import { ENGINE_ENVIRONMENT } from '#libs/deployments/jobs';
import { WEBHOOK_ENVIRONMENT } from '#libs/webhooks';
import { ENVIRONMENT, loadConfig } from '#platform/config';

const {
  HOST,
  WORKER_PORT,
  API_INTERNAL_PORT,
  DATABASE_APP_URL,
  DATABASE_RELAY_URL,
  DATABASE_RECONCILER_URL,
  DATABASE_POOL_SIZE,
  VALKEY_URL,
  S3_ENDPOINT,
  S3_PUBLIC_ENDPOINT,
  S3_REGION,
  S3_ACCESS_KEY_ID,
  S3_SECRET_ACCESS_KEY,
  S3_BUCKET,
  STRIPE_API_KEY,
  STRIPE_WEBHOOK_SECRET,
  STRIPE_API_URL,
  STRIPE_TAX,
  FORKPOINT_REGION,
  LOG_LEVEL,
} = ENVIRONMENT;

export const config = loadConfig(
  z.object({
    HOST,
    WORKER_PORT,
    API_INTERNAL_PORT,
    DATABASE_APP_URL,
    DATABASE_RELAY_URL,
    DATABASE_RECONCILER_URL,
    DATABASE_POOL_SIZE,
    VALKEY_URL,
    S3_ENDPOINT,
    S3_PUBLIC_ENDPOINT,
    S3_REGION,
    S3_ACCESS_KEY_ID,
    S3_SECRET_ACCESS_KEY,
    S3_BUCKET,
    STRIPE_API_KEY,
    STRIPE_WEBHOOK_SECRET,
    STRIPE_API_URL,
    STRIPE_TAX,
    FORKPOINT_REGION,
    LOG_LEVEL,
    /** Where trainers reach the api's internal listener; by default on this machine. */
    TRAINER_API_URL: z.url().optional(),
    TRAINER_PYTHON: z
      .string()
      .default('.venv/bin/python')
      .transform((path) => resolve(path)),
    /** Attempts that run at a time on this machine. */
    LOCAL_DRIVER_SLOTS: z.coerce.number().int().min(1).max(64).default(1),
    ...ENGINE_ENVIRONMENT,
    ...WEBHOOK_ENVIRONMENT,
    /** 1: running attempts are asked to save and stop when the worker ends. Otherwise they run on and are found again. */
    FORKPOINT_STOP_JOBS: z.enum(['0', '1']).default('0'),
    /** The server that takes mail, `smtps://user:password@host:465`; without it mail waits in the outbox. */
    FORKPOINT_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
    /** Whom mail is from. */
    FORKPOINT_MAIL_FROM: z.string().min(3).default('Forkpoint <forkpoint@localhost>'),
  }),
);

/** Null: nobody sends mail here. */
export function smtpOf(read: Pick<typeof config, 'FORKPOINT_SMTP_URL' | 'FORKPOINT_MAIL_FROM'>) {
  const { FORKPOINT_SMTP_URL: url, FORKPOINT_MAIL_FROM: from } = read;
  return url ? { url, from } : null;
}
