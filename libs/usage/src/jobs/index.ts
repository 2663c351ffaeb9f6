import { Module } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import { UsageModule } from '../usage.module.js';
import { LostRecorders } from './lost-recorders.js';
import { SpendCounter } from './spend-counter.js';
import { StorageMeter } from './storage-meter.js';

export { LostRecorders, SpendCounter, StorageMeter };

@Module({ imports: [ContractsModule, UsageModule], providers: [LostRecorders, SpendCounter, StorageMeter] })
export class UsageJobsModule {}
