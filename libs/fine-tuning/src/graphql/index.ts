import { Module } from '@nestjs/common';
import { ComputeGraphqlModule } from '#libs/compute/graphql';
import { FineTuningModule } from '#libs/fine-tuning';
import { FineTuneJobResolver } from './fine-tuning.resolver.js';
import { FineTuneSubscription } from './fine-tuning.subscription.js';
import { FineTuneHistoryResolver } from './fine-tuning-history.resolver.js';
import { FineTuneProgressResolver } from './fine-tuning-progress.resolver.js';

export * from './fine-tuning.types.js';

@Module({
  imports: [FineTuningModule, ComputeGraphqlModule],
  providers: [FineTuneJobResolver, FineTuneHistoryResolver, FineTuneProgressResolver, FineTuneSubscription],
})
export class FineTuningGraphqlModule {}
