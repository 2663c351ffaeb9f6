import { type DynamicModule, Global, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, type Clock, systemClock } from '#libs/kernel';
import { Database, type DatabaseOptions } from './database.js';

@Global()
@Module({})
export class DatabaseModule implements OnModuleDestroy {
  constructor(@Inject(Database) private readonly database: Database) {}

  static forRoot(options: Omit<DatabaseOptions, 'clock'>, clock: Clock = systemClock): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: CLOCK, useValue: clock },
        { provide: Database, useFactory: () => new Database({ ...options, clock }).connect() },
      ],
      exports: [CLOCK, Database],
    };
  }

  async onModuleDestroy(): Promise<void> {
    await this.database.close();
  }
}
