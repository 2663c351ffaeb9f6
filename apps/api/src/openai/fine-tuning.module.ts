import { Module } from '@nestjs/common';
import { FineTuningModule } from '#libs/fine-tuning';
import { Acts } from './calls.js';
import { FineTuningController } from './fine-tuning.controller.js';

@Module({ imports: [FineTuningModule], controllers: [FineTuningController], providers: [Acts] })
export class OpenAiFineTuningModule {}
