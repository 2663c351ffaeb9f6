import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets.module.js';
import { ExpirySweeper } from './expiry-sweeper.js';
import { PreparationHandlers } from './preparation.handlers.js';
import { PurgeHandlers } from './purge.handlers.js';
import { UploadHandlers } from './upload.handlers.js';

@Module({
  imports: [DatasetsModule],
  providers: [UploadHandlers, PreparationHandlers, PurgeHandlers, ExpirySweeper],
})
export class DatasetsJobsModule {}
