import { Module, type OnModuleInit } from '@nestjs/common';
import { ContractsModule, InferenceSpending } from '#libs/contracts';
import { ForkPointUsageService } from './fork-point-usage.service.js';
import { InferenceSpendService } from './inference-spend.service.js';
import { StorageUsageService } from './storage/storage-usage.service.js';
import { StorageSources } from './storage/stored-content.js';
import { UsageService } from './usage.service.js';
import { UsageSummaryService } from './usage-summary.service.js';

@Module({
  imports: [ContractsModule],
  providers: [
    UsageService,
    UsageSummaryService,
    ForkPointUsageService,
    InferenceSpendService,
    StorageSources,
    StorageUsageService,
  ],
  exports: [UsageService, UsageSummaryService, ForkPointUsageService, StorageSources, StorageUsageService],
})
export class UsageModule implements OnModuleInit {
  constructor(
    private readonly spending: InferenceSpending,
    private readonly inference: InferenceSpendService,
  ) {}

  onModuleInit(): void {
    this.spending.answeredBy(this.inference);
  }
}
