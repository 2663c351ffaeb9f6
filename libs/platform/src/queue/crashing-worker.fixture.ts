import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DatabaseModule } from '#platform/database';
import { createLogger } from '#platform/telemetry';
import { HandlesMessage } from './decorators.js';
import { QueueModule } from './queue.module.js';

/** A worker of its own process, whose handler says that it began and never ends: the spec kills it. */
class Hanging {
  @HandlesMessage('compute.wanted')
  handle(): Promise<void> {
    console.log('handling');
    return new Promise(() => undefined);
  }
}

const { APP_URL = '', RELAY_URL = '', RECONCILER_URL = '', VALKEY_URL = '', LEASE_MILLISECONDS } = process.env;
const logger = createLogger('crashing-worker', 'silent');

@Module({
  imports: [
    DatabaseModule.forRoot({ appUrl: APP_URL, narrowUrls: { relay: RELAY_URL, reconciler: RECONCILER_URL } }),
    QueueModule.forRoot({ url: VALKEY_URL, logger, leaseMilliseconds: Number(LEASE_MILLISECONDS) }),
  ],
  providers: [Hanging],
})
class CrashingWorker {}

await NestFactory.createApplicationContext(CrashingWorker, { logger: false });
