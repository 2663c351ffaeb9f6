import { type DynamicModule, Module } from '@nestjs/common';
import { AttemptGateModule } from '#libs/compute';
import { DatabaseModule, type DatabaseOptions } from '#platform/database';
import { HealthController } from '#platform/http';
import { type ObjectStoreOptions, StorageModule } from '#platform/storage';
import { TrainerController } from './trainer.controller.js';

export interface InternalModuleOptions {
  database: Omit<DatabaseOptions, 'clock'>;
  store: ObjectStoreOptions;
}

/** Served on a listener of its own, which the public origin never hands anything on to. */
@Module({})
export class InternalModule {
  static forRoot({ database, store }: InternalModuleOptions): DynamicModule {
    return {
      module: InternalModule,
      imports: [DatabaseModule.forRoot(database), StorageModule.forRoot(store), AttemptGateModule],
      controllers: [TrainerController, HealthController],
    };
  }
}
