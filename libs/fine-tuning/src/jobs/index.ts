import { Module } from '@nestjs/common';
import { FineTuningModule } from '#libs/fine-tuning';
import { FineTuningHandlers } from './fine-tuning.handlers.js';
import { ResultFile } from './result-file.js';

@Module({ imports: [FineTuningModule], providers: [FineTuningHandlers, ResultFile] })
export class FineTuningJobsModule {}
