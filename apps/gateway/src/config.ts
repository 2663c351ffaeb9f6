import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, loadConfig } from '#platform/config';

const { HOST, GATEWAY_PORT, API_PORT, API_INTERNAL_PORT, DATABASE_GATEWAY_URL, LOG_LEVEL, S3_PUBLIC_ENDPOINT } =
  ENVIRONMENT;
const { API_KEY_PEPPER, DATABASE_INTAKE_URL, GATEWAY_TOKEN } = ENVIRONMENT;
const count = (fallback: number, largest: number) => z.coerce.number().int().min(1).max(largest).default(fallback);

const Environment = z.object({
  HOST,
  GATEWAY_PORT,
  API_PORT,
  DATABASE_GATEWAY_URL,
  DATABASE_INTAKE_URL,
  API_KEY_PEPPER,
  API_INTERNAL_PORT,
  GATEWAY_TOKEN,
  LOG_LEVEL,
  FORKPOINT_REGION: ENVIRONMENT.FORKPOINT_REGION,
  /** Where everything that is not inference goes. */
  API_URL: z.url().optional(),
  /** The api's internal listener, where leases are taken from spend caps. */
  API_INTERNAL_URL: z.url().optional(),
  /** Addresses or networks of load balancers in front, by commas: their X-Forwarded-* headers are believed. */
  TRUSTED_PROXIES: z.string().min(1).optional(),
  /** The pages of `npm run build:portal`; unset: no portal is served here. */
  PORTAL_DIRECTORY: z.string().min(1).optional(),
  /** Where the portal's pages may send uploads. */
  S3_PUBLIC_ENDPOINT: S3_PUBLIC_ENDPOINT.optional(),
  FORKPOINT_HOME: z.string().default('.forkpoint'),
  /** Asked by engines of whoever calls them; the worker is given the same. */
  ENGINE_API_KEY: z.string().min(16).optional(),
  /** How long a call is held while its model is loaded. */
  ENGINE_WAIT_SECONDS: count(120, 3_600),
  MAX_HELD_CALLS: count(512, 100_000),
  MAX_HELD_CALLS_PER_KEY: count(64, 100_000),
  MAX_IN_FLIGHT_PER_ENGINE: count(512, 100_000),
  MAX_BODY_BYTES: count(4 * 1024 * 1024, 256 * 1024 * 1024),
});

export type GatewayConfig = ReturnType<typeof readConfig>;

export function readConfig(environment: NodeJS.ProcessEnv = process.env) {
  const values = loadConfig(Environment, environment);
  return {
    host: values.HOST,
    port: values.GATEWAY_PORT,
    apiUrl: values.API_URL ?? `http://127.0.0.1:${values.API_PORT}`,
    internalApiUrl: values.API_INTERNAL_URL ?? `http://127.0.0.1:${values.API_INTERNAL_PORT}`,
    gatewayToken: values.GATEWAY_TOKEN,
    trustedProxies: values.TRUSTED_PROXIES,
    databaseUrl: values.DATABASE_GATEWAY_URL,
    intakeDatabaseUrl: values.DATABASE_INTAKE_URL,
    pepper: values.API_KEY_PEPPER,
    portal: values.PORTAL_DIRECTORY
      ? { directory: resolve(values.PORTAL_DIRECTORY), storeUrl: values.S3_PUBLIC_ENDPOINT }
      : undefined,
    logLevel: values.LOG_LEVEL,
    journalDirectory: join(values.FORKPOINT_HOME, 'data', 'usage-journal'),
    engineApiKey: values.ENGINE_API_KEY,
    region: values.FORKPOINT_REGION ?? null,
    engineWaitSeconds: values.ENGINE_WAIT_SECONDS,
    maxHeldCalls: values.MAX_HELD_CALLS,
    maxHeldCallsPerKey: values.MAX_HELD_CALLS_PER_KEY,
    maxInFlightPerEngine: values.MAX_IN_FLIGHT_PER_ENGINE,
    maxBodyBytes: values.MAX_BODY_BYTES,
  };
}
