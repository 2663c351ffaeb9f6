import { join, resolve } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { Schedules } from '#platform/queue';
import { ObjectStore } from '#platform/storage';
import type { Logger } from '#platform/telemetry';
import { DeploymentsModule } from '../deployments.module.js';
import { CheckpointCache } from '../engine/checkpoint-cache.js';
import { LocalVllmHost } from '../engine/local-vllm.host.js';
import { VllmClient } from '../engine/vllm.client.js';
import { DeploymentRemover } from './content-remover.js';
import { type EngineEnvironment, limitsOf } from './engine-pool.config.js';
import {
  ENGINE_POOL_SCHEDULE,
  ENGINE_POOL_SETTINGS,
  EnginePoolJob,
  type EnginePoolSettings,
} from './engine-pool.job.js';
import { EnginePool } from './engine-pool.js';
import { SpecialTokensReader } from './special-tokens.js';

export { ENGINE_ENVIRONMENT, type EngineEnvironment } from './engine-pool.config.js';

/** The serving side of the worker: the engine pool, and what the gateway has to know of tokenizers. */
@Module({})
export class DeploymentsJobsModule {
  static forRoot({ environment, logger }: { environment: EngineEnvironment; logger: Logger }): DynamicModule {
    const settings: EnginePoolSettings = { logger, enginesOutliveWorker: environment.ENGINES_OUTLIVE_WORKER };
    return {
      module: DeploymentsJobsModule,
      imports: [ContractsModule, DeploymentsModule],
      providers: [
        { provide: ENGINE_POOL_SETTINGS, useValue: settings },
        {
          provide: EnginePool,
          inject: [Database, ObjectStore, Schedules, CLOCK],
          useFactory: (database: Database, store: ObjectStore, schedules: Schedules, clock: Clock) =>
            createPool(environment, { database, store, clock, logger }, () => schedules.runSoon(ENGINE_POOL_SCHEDULE)),
        },
        EnginePoolJob,
        SpecialTokensReader,
        DeploymentRemover,
      ],
    };
  }
}

function createPool(
  environment: EngineEnvironment,
  { database, store, clock, logger }: { database: Database; store: ObjectStore; clock: Clock; logger: Logger },
  onProgress: () => void,
): EnginePool {
  const home = resolve(environment.FORKPOINT_HOME);
  const host = new LocalVllmHost({
    home,
    python: resolve(environment.ENGINE_PYTHON),
    threads: environment.ENGINE_THREADS,
    apiKey: environment.ENGINE_API_KEY,
    firstPort: environment.ENGINE_PORT_FIRST,
    portCount: environment.ENGINE_PORT_COUNT,
  });
  return new EnginePool({
    database,
    clock,
    logger,
    limits: limitsOf(environment),
    cache: new CheckpointCache(store, join(home, 'cache'), clock),
    cacheBytes: environment.ENGINE_CACHE_BYTES,
    host,
    connect: (location) => new VllmClient(location, environment.ENGINE_API_KEY),
    hostName: environment.ENGINE_HOST,
    operatorUrls: environment.ENGINE_URLS,
    onProgress,
  });
}
