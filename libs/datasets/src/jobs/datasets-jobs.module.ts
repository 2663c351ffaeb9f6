import { Module } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import { UsageModule } from '#libs/usage';
import { DatasetsModule } from '../datasets.module.js';
import { DatasetRemover } from './content-remover.js';
import { ExpirySweeper } from './expiry-sweeper.js';
import { PreparationHandlers } from './preparation.handlers.js';
import { PurgeHandlers } from './purge.handlers.js';
import { RetentionSweeper } from './retention-sweeper.js';
import { StoredFiles } from './stored-files.js';
import { UploadHandlers } from './upload.handlers.js';

@Module({
  imports: [DatasetsModule, ContractsModule, UsageModule],
  providers: [
    UploadHandlers,
    PreparationHandlers,
    PurgeHandlers,
    ExpirySweeper,
    RetentionSweeper,
    DatasetRemover,
    StoredFiles,
  ],
})
export class DatasetsJobsModule {}
