import { join, resolve } from 'node:path';
import { Module } from '@nestjs/common';
import { stripeOptionsOf } from '#libs/billing';
import { BillingJobsModule } from '#libs/billing/jobs';
import { CatalogJobsModule } from '#libs/catalog/jobs';
import { ComputeJobsModule, DEFAULT_GRACE, LocalDriver } from '#libs/compute/jobs';
import { ComputeRegionModule } from '#libs/contracts';
import { ContractsJobsModule } from '#libs/contracts/jobs';
import { DatasetsJobsModule } from '#libs/datasets/jobs';
import { DeploymentsJobsModule } from '#libs/deployments/jobs';
import { EvaluationsJobsModule } from '#libs/evaluations/jobs';
import { FineTuningJobsModule } from '#libs/fine-tuning/jobs';
import { IdentityJobsModule } from '#libs/identity/jobs';
import { UsageJobsModule } from '#libs/usage/jobs';
import { webhookSettingsOf } from '#libs/webhooks';
import { WebhooksJobsModule } from '#libs/webhooks/jobs';
import { DatabaseModule } from '#platform/database';
import { QueueModule } from '#platform/queue';
import { StorageModule } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import { config, smtpOf } from './config.js';
import { WorkerHealthController } from './worker-health.controller.js';

export const logger = createLogger('worker', config.LOG_LEVEL);

const data = resolve(config.FORKPOINT_HOME, 'data');

const driver = new LocalDriver({
  folder: join(data, 'attempts'),
  slots: config.LOCAL_DRIVER_SLOTS,
  command: [config.TRAINER_PYTHON, '-m', 'forkpoint_trainer'],
  // Inputs by their content, linked into the attempts that name them: on the same disk.
  environment: { FORKPOINT_CACHE: join(data, 'trainer-cache') },
});

/**
 * Everything that happens without anybody waiting for it: messages, schedules, compute jobs, the engine pool. The database
 * and the queue come first here, so they are the last to stop.
 */
@Module({
  imports: [
    DatabaseModule.forRoot({
      appUrl: config.DATABASE_APP_URL,
      narrowUrls: { relay: config.DATABASE_RELAY_URL, reconciler: config.DATABASE_RECONCILER_URL },
      poolSize: config.DATABASE_POOL_SIZE,
    }),
    StorageModule.forRoot({
      endpoint: config.S3_ENDPOINT,
      publicEndpoint: config.S3_PUBLIC_ENDPOINT,
      region: config.S3_REGION,
      accessKeyId: config.S3_ACCESS_KEY_ID,
      secretAccessKey: config.S3_SECRET_ACCESS_KEY,
      bucket: config.S3_BUCKET,
    }),
    QueueModule.forRoot({ url: config.VALKEY_URL, logger }),
    ComputeJobsModule.forRoot({
      driver,
      logger,
      apiUrl: config.TRAINER_API_URL ?? `http://127.0.0.1:${config.API_INTERNAL_PORT}`,
      stopJobsAtEnd: config.FORKPOINT_STOP_JOBS === '1',
      ...DEFAULT_GRACE,
    }),
    ComputeRegionModule.forRoot(config.FORKPOINT_REGION),
    IdentityJobsModule.forRoot(smtpOf(config)),
    ContractsJobsModule,
    CatalogJobsModule,
    DatasetsJobsModule,
    FineTuningJobsModule,
    EvaluationsJobsModule,
    DeploymentsJobsModule.forRoot({ environment: config, logger }),
    UsageJobsModule,
    WebhooksJobsModule.forRoot(webhookSettingsOf(config)),
    BillingJobsModule.forRoot({ stripe: stripeOptionsOf(config) }),
  ],
  controllers: [WorkerHealthController],
})
export class WorkerModule {}
