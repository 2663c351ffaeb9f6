import { Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { AuditModule } from '#libs/audit';
import { AuditGraphqlModule } from '#libs/audit/graphql';
import { stripeOptionsOf } from '#libs/billing';
import { BillingGraphqlModule } from '#libs/billing/graphql';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { ComputeRegionModule } from '#libs/contracts';
import { ContractsGraphqlModule } from '#libs/contracts/graphql';
import { DatasetsGraphqlModule } from '#libs/datasets/graphql';
import { DeploymentsGraphqlModule } from '#libs/deployments/graphql';
import { EvaluationsGraphqlModule } from '#libs/evaluations/graphql';
import { FineTuningGraphqlModule } from '#libs/fine-tuning/graphql';
import { IdentityModule } from '#libs/identity';
import { IdentityGraphqlModule } from '#libs/identity/graphql';
import { LedgerGraphqlModule } from '#libs/ledger/graphql';
import { ProgrammeGraphqlModule } from '#libs/programme/graphql';
import { UsageGraphqlModule } from '#libs/usage/graphql';
import { webhookSettingsOf } from '#libs/webhooks';
import { WebhooksGraphqlModule } from '#libs/webhooks/graphql';
import { DatabaseModule } from '#platform/database';
import { ForkpointGraphqlModule, InputPipe, readPersistedOperations } from '#platform/graphql';
import { HealthController } from '#platform/http';
import { StorageModule } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import { AuthModule } from './auth/auth.module.js';
import { InvoicesModule } from './billing/invoices.module.js';
import { config } from './config.js';
import { FilesModule } from './openai/files.module.js';
import { OpenAiFineTuningModule } from './openai/fine-tuning.module.js';
import { OpenAiModelsModule } from './openai/models.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

export const logger = createLogger('api', config.LOG_LEVEL);

export const database = {
  appUrl: config.DATABASE_APP_URL,
  narrowUrls: { reconciler: config.DATABASE_RECONCILER_URL },
  poolSize: config.DATABASE_POOL_SIZE,
};

export const store = {
  endpoint: config.S3_ENDPOINT,
  publicEndpoint: config.S3_PUBLIC_ENDPOINT,
  region: config.S3_REGION,
  accessKeyId: config.S3_ACCESS_KEY_ID,
  secretAccessKey: config.S3_SECRET_ACCESS_KEY,
  bucket: config.S3_BUCKET,
};

const operations = config.PERSISTED_OPERATIONS ? readPersistedOperations(config.PERSISTED_OPERATIONS) : undefined;

/** What every domain stands on: the database, the object store, who may do what, and the record of it. */
const FOUNDATION = [
  DatabaseModule.forRoot(database),
  StorageModule.forRoot(store),
  AuditModule,
  ComputeRegionModule.forRoot(config.FORKPOINT_REGION),
  IdentityModule.forRoot({ apiKeyPepper: config.API_KEY_PEPPER, sessionSecret: config.SESSION_SECRET }),
];

/** The control plane: GraphQL, sign-in, and OpenAI's endpoints for files, fine-tuning and the deletion of models. */
@Module({
  imports: [
    ...FOUNDATION,
    AuthModule.forRoot({ publicOrigin: config.PUBLIC_ORIGIN }),
    ForkpointGraphqlModule.forRoot({ logger, operations }),
    IdentityGraphqlModule,
    AuditGraphqlModule,
    ContractsGraphqlModule,
    CatalogGraphqlModule,
    DatasetsGraphqlModule,
    FineTuningGraphqlModule,
    EvaluationsGraphqlModule,
    DeploymentsGraphqlModule,
    UsageGraphqlModule,
    LedgerGraphqlModule,
    BillingGraphqlModule,
    ProgrammeGraphqlModule,
    WebhooksGraphqlModule.forRoot(webhookSettingsOf(config)),
    InvoicesModule,
    FilesModule,
    OpenAiFineTuningModule,
    OpenAiModelsModule,
    WebhooksModule.forRoot({ stripe: stripeOptionsOf(config) }),
  ],
  controllers: [HealthController],
  providers: [{ provide: APP_PIPE, useClass: InputPipe }],
})
export class AppModule {}
