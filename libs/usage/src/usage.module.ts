import { Module } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import { UsageService } from './usage.service.js';
import { UsageSummaryService } from './usage-summary.service.js';

@Module({
  imports: [ContractsModule],
  providers: [UsageService, UsageSummaryService],
  exports: [UsageService, UsageSummaryService],
})
export class UsageModule {}
