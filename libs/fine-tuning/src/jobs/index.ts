import { Module } from '@nestjs/common';
import { FineTuningModule } from '#libs/fine-tuning';
import { FineTuneRemover } from './content-remover.js';
import { FineTuningHandlers } from './fine-tuning.handlers.js';
import { ResultFile } from './result-file.js';

@Module({ imports: [FineTuningModule], providers: [FineTuningHandlers, ResultFile, FineTuneRemover] })
export class FineTuningJobsModule {}
