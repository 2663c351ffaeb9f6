import { type DynamicModule, Module } from '@nestjs/common';
import { AttemptGateModule } from '#libs/compute';
import { ContractsModule } from '#libs/contracts';
import { UsageModule } from '#libs/usage';
import { DatabaseModule, type DatabaseOptions } from '#platform/database';
import { HealthController } from '#platform/http';
import { type ObjectStoreOptions, StorageModule } from '#platform/storage';
import { GATEWAY_TOKEN, LeaseController } from './lease.controller.js';
import { TrainerController } from './trainer.controller.js';

export interface InternalModuleOptions {
  database: Omit<DatabaseOptions, 'clock'>;
  store: ObjectStoreOptions;
  /** By which the gateway is known. */
  gatewayToken: string;
}

/** Served on a listener of its own, which the public origin never hands anything on to. */
@Module({})
export class InternalModule {
  static forRoot({ database, store, gatewayToken }: InternalModuleOptions): DynamicModule {
    return {
      module: InternalModule,
      imports: [
        DatabaseModule.forRoot(database),
        StorageModule.forRoot(store),
        AttemptGateModule,
        ContractsModule,
        UsageModule,
      ],
      controllers: [TrainerController, LeaseController, HealthController],
      providers: [{ provide: GATEWAY_TOKEN, useValue: gatewayToken }],
    };
  }
}
