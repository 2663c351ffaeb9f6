import { Module } from '@nestjs/common';
import { FineTuningModule } from '#libs/fine-tuning';
import { FineTuneJobResolver } from './fine-tuning.resolver.js';

export * from './fine-tuning.types.js';

@Module({ imports: [FineTuningModule], providers: [FineTuneJobResolver] })
export class FineTuningGraphqlModule {}
