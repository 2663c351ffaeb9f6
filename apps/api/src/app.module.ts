import { Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { DatabaseModule } from '#platform/database';
import { ForkpointGraphqlModule, InputPipe } from '#platform/graphql';
import { HealthController } from '#platform/http';
import { createLogger } from '#platform/telemetry';
import { config } from './config.js';

export const logger = createLogger('api', config.LOG_LEVEL);

/** The control plane: GraphQL, sign-in, and OpenAI's endpoints for files and fine-tuning. */
@Module({
  imports: [
    DatabaseModule.forRoot({ appUrl: config.DATABASE_APP_URL, poolSize: config.DATABASE_POOL_SIZE }),
    ForkpointGraphqlModule.forRoot({ logger }),
  ],
  controllers: [HealthController],
  providers: [{ provide: APP_PIPE, useClass: InputPipe }],
})
export class AppModule {}
