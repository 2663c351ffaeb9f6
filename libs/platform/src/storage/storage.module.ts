import { type DynamicModule, Global, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { ObjectStore, type ObjectStoreOptions } from './object-store.js';

@Global()
@Module({})
export class StorageModule implements OnModuleDestroy {
  constructor(@Inject(ObjectStore) private readonly store: ObjectStore) {}

  static forRoot(options: ObjectStoreOptions): DynamicModule {
    return {
      module: StorageModule,
      providers: [{ provide: ObjectStore, useValue: new ObjectStore(options) }],
      exports: [ObjectStore],
    };
  }

  onModuleDestroy(): void {
    this.store.close();
  }
}
