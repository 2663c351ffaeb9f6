import { hostname, totalmem } from 'node:os';
import { z } from 'zod';

const seconds = z.coerce.number().positive();

/** What the worker reads from its environment for the engine pool. */
export const ENGINE_ENVIRONMENT = {
  FORKPOINT_HOME: z.string().default('.forkpoint'),
  ENGINE_PYTHON: z.string().default('.venv/bin/python'),
  ENGINE_PORT_FIRST: z.coerce.number().int().min(1024).max(65_000).default(21_020),
  ENGINE_PORT_COUNT: z.coerce.number().int().min(1).max(1_000).default(40),
  ENGINE_THREADS: z.coerce.number().int().min(1).default(1),
  /** All engines of this machine together. */
  ENGINE_MEMORY_BUDGET_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(() => Math.floor(totalmem() / 2)),
  ENGINE_MAX: z.coerce.number().int().min(0).default(8),
  /** An engine or adapter that nobody called for this long is stopped or unloaded. */
  ENGINE_IDLE_SECONDS: seconds.default(900),
  /** How long an engine may take to become ready. */
  ENGINE_START_SECONDS: seconds.default(180),
  /** Gateways hear of a change within a second: after this long none of them sends a draining engine anything new. */
  ENGINE_DRAIN_SECONDS: seconds.default(2),
  /** A request that runs longer than this on a draining engine is cut. */
  ENGINE_DRAIN_LIMIT_SECONDS: seconds.default(600),
  ENGINE_CACHE_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(20 * 1024 ** 3),
  /** Asked of whoever calls an engine; the gateway is given the same. */
  ENGINE_API_KEY: z.string().min(16).optional(),
  /** Engines that an operator runs: JSON, base checkpoint (name or id) to address. */
  ENGINE_URLS: z
    .string()
    .default('{}')
    .transform((text, context) => {
      try {
        return z.record(z.string(), z.url()).parse(JSON.parse(text));
      } catch {
        context.addIssue({
          code: 'custom',
          message: 'must be JSON such as {"forge-1-pretrain-001953":"http://gpu-1:8000"}',
        });
        return z.NEVER;
      }
    }),
  /** Leave engines running when the worker ends in order: the next one takes them up. */
  ENGINES_OUTLIVE_WORKER: z.stringbool().default(false),
  /** Names this machine among the workers that keep engines. */
  ENGINE_HOST: z
    .string()
    .min(1)
    .default(() => hostname()),
} as const;

const Environment = z.object(ENGINE_ENVIRONMENT);
export type EngineEnvironment = z.infer<typeof Environment>;

/** What the plan is made by; all times in seconds. */
export interface PoolLimits {
  memoryBudgetBytes: number;
  maxEngines: number;
  idleSeconds: number;
  startSeconds: number;
  drainSeconds: number;
  drainLimitSeconds: number;
}

export const limitsOf = (environment: EngineEnvironment): PoolLimits => ({
  memoryBudgetBytes: environment.ENGINE_MEMORY_BUDGET_BYTES,
  maxEngines: environment.ENGINE_MAX,
  idleSeconds: environment.ENGINE_IDLE_SECONDS,
  startSeconds: environment.ENGINE_START_SECONDS,
  drainSeconds: environment.ENGINE_DRAIN_SECONDS,
  drainLimitSeconds: environment.ENGINE_DRAIN_LIMIT_SECONDS,
});
