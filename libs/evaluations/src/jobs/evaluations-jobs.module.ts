import { Module } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import { UsageModule } from '#libs/usage';
import { EvaluationsModule } from '../evaluations.module.js';
import { RunHandlers } from './run.handlers.js';
import { SuiteHandlers } from './suite.handlers.js';

@Module({
  imports: [EvaluationsModule, ContractsModule, UsageModule],
  providers: [SuiteHandlers, RunHandlers],
})
export class EvaluationsJobsModule {}
