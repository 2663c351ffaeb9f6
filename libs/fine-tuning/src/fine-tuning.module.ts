import { Module } from '@nestjs/common';
import { CatalogModule } from '#libs/catalog';
import { ComputeModule } from '#libs/compute';
import { ContractsModule } from '#libs/contracts';
import { DatasetsModule } from '#libs/datasets';
import { ProjectsModule } from '#libs/identity';
import { UsageModule } from '#libs/usage';
import { FineTuningService } from './fine-tuning.service.js';
import { FineTunePlanner } from './planner.js';

@Module({
  imports: [CatalogModule, ComputeModule, ContractsModule, DatasetsModule, ProjectsModule, UsageModule],
  providers: [FineTunePlanner, FineTuningService],
  exports: [FineTuningService, CatalogModule, ComputeModule, ContractsModule, DatasetsModule],
})
export class FineTuningModule {}
