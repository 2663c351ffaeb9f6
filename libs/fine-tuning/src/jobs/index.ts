import { Module } from '@nestjs/common';
import { FineTuningModule } from '#libs/fine-tuning';
import { FineTuningHandlers } from './fine-tuning.handlers.js';

@Module({ imports: [FineTuningModule], providers: [FineTuningHandlers] })
export class FineTuningJobsModule {}
