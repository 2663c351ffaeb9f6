import { Module } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import { UsageModule } from '#libs/usage';
import { EvaluationsModule } from '../evaluations.module.js';
import { EvaluationRemover } from './content-remover.js';
import { RunHandlers } from './run.handlers.js';
import { SuiteHandlers } from './suite.handlers.js';

@Module({
  imports: [EvaluationsModule, ContractsModule, UsageModule],
  providers: [SuiteHandlers, RunHandlers, EvaluationRemover],
})
export class EvaluationsJobsModule {}
