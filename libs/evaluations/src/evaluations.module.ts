import { Module } from '@nestjs/common';
import { CatalogModule } from '#libs/catalog';
import { ComputeModule } from '#libs/compute';
import { ContractsModule } from '#libs/contracts';
import { DatasetsModule } from '#libs/datasets';
import { EvaluationsService } from './evaluations.service.js';
import { SuiteBuilder } from './suite-builder.js';

const PROVIDERS = [EvaluationsService, SuiteBuilder];

/** Needs the platform's database and storage, which are global. */
@Module({
  imports: [CatalogModule, ComputeModule, ContractsModule, DatasetsModule],
  providers: PROVIDERS,
  exports: PROVIDERS,
})
export class EvaluationsModule {}
