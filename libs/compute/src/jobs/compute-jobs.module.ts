import { type DynamicModule, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import type { Logger } from '#platform/telemetry';
import { ComputeModule } from '../compute.module.js';
import { ComputeHandlers } from './compute.handlers.js';
import { COMPUTE_JOBS_SETTINGS, type ComputeJobsSettings } from './compute-jobs.settings.js';
import { COMPUTE_LOGGER } from './compute-jobs.tokens.js';
import { ComputeRemover } from './content-remover.js';
import { Dispatcher } from './dispatcher.js';
import { DRIVER, type Driver } from './drivers/driver.js';
import { FolderVerifier } from './folder-verifier.js';
import { LogKeeper } from './log-keeper.js';
import { Supervisor } from './supervisor.js';
import { Sweeper } from './sweeper.js';
import { WorkList } from './work-list.js';

export interface ComputeJobsOptions extends ComputeJobsSettings {
  driver: Driver;
  logger: Logger;
}

/** What the worker does for compute jobs. */
@Module({})
export class ComputeJobsModule implements OnModuleDestroy {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly supervisor: Supervisor,
    @Inject(COMPUTE_JOBS_SETTINGS) private readonly settings: ComputeJobsSettings,
  ) {}

  static forRoot({ driver, logger, ...settings }: ComputeJobsOptions): DynamicModule {
    return {
      module: ComputeJobsModule,
      imports: [ComputeModule, ContractsModule],
      providers: [
        { provide: DRIVER, useValue: driver },
        { provide: COMPUTE_JOBS_SETTINGS, useValue: settings },
        { provide: COMPUTE_LOGGER, useValue: logger },
        WorkList,
        FolderVerifier,
        LogKeeper,
        Dispatcher,
        Supervisor,
        Sweeper,
        ComputeHandlers,
        ComputeRemover,
      ],
      exports: [Dispatcher, Supervisor],
    };
  }

  /** Running attempts outlive this process unless it was told otherwise. */
  async onModuleDestroy(): Promise<void> {
    this.dispatcher.close();
    if (this.settings.stopJobsAtEnd) await this.supervisor.stopAll();
  }
}
