import { Module } from '@nestjs/common';
import { FineTuningModule } from '#libs/fine-tuning';
import { FineTuneJobResolver } from './fine-tuning.resolver.js';
import { FineTuneHistoryResolver } from './fine-tuning-history.resolver.js';

export * from './fine-tuning.types.js';

@Module({ imports: [FineTuningModule], providers: [FineTuneJobResolver, FineTuneHistoryResolver] })
export class FineTuningGraphqlModule {}
