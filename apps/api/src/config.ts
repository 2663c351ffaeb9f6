import { z } from 'zod';
import { WEBHOOK_ENVIRONMENT } from '#libs/webhooks';
import { ENVIRONMENT, loadConfig } from '#platform/config';

const { HOST, API_PORT, API_INTERNAL_PORT, PUBLIC_ORIGIN, LOG_LEVEL } = ENVIRONMENT;
const { DATABASE_APP_URL, DATABASE_RECONCILER_URL, DATABASE_POOL_SIZE } = ENVIRONMENT;
const { S3_ENDPOINT, S3_PUBLIC_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_BUCKET } = ENVIRONMENT;
const { API_KEY_PEPPER, SESSION_SECRET, GATEWAY_TOKEN } = ENVIRONMENT;
const { FORKPOINT_REGION } = ENVIRONMENT;
const { STRIPE_API_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_URL, STRIPE_TAX } = ENVIRONMENT;

export const config = loadConfig(
  z.object({
    HOST,
    API_PORT,
    API_INTERNAL_PORT,
    PUBLIC_ORIGIN,
    LOG_LEVEL,
    DATABASE_APP_URL,
    DATABASE_RECONCILER_URL,
    DATABASE_POOL_SIZE,
    S3_ENDPOINT,
    S3_PUBLIC_ENDPOINT,
    S3_REGION,
    S3_ACCESS_KEY_ID,
    S3_SECRET_ACCESS_KEY,
    S3_BUCKET,
    API_KEY_PEPPER,
    SESSION_SECRET,
    GATEWAY_TOKEN,
    FORKPOINT_REGION,
    STRIPE_API_KEY,
    STRIPE_WEBHOOK_SECRET,
    STRIPE_API_URL,
    STRIPE_TAX,
    ...WEBHOOK_ENVIRONMENT,
    /** Operations that callers may name by their hash, such as the portal's; unset: none. */
    PERSISTED_OPERATIONS: z.string().min(1).optional(),
    /** Where the gateway is, since sign-in counts attempts by the address that the gateway tells. */
    TRUSTED_PROXIES: z.string().min(1).default('loopback'),
  }),
);
