import { Module } from '@nestjs/common';
import { ComputeModule } from '#libs/compute';
import { EvaluationsModule } from '../evaluations.module.js';
import { ComparisonResolver } from './comparison.resolver.js';
import { RunsResolver } from './runs.resolver.js';
import { SuitesResolver } from './suites.resolver.js';

@Module({ imports: [EvaluationsModule, ComputeModule], providers: [SuitesResolver, RunsResolver, ComparisonResolver] })
export class EvaluationsGraphqlModule {}
