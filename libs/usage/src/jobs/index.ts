import { Module } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import { UsageModule } from '../usage.module.js';
import { LostRecorders } from './lost-recorders.js';
import { SpendCounter } from './spend-counter.js';

export { LostRecorders, SpendCounter };

@Module({ imports: [ContractsModule, UsageModule], providers: [LostRecorders, SpendCounter] })
export class UsageJobsModule {}
