import { Module } from '@nestjs/common';
import { CatalogModule } from '#libs/catalog';
import { ContractsModule } from '#libs/contracts';
import { ProjectsModule } from '#libs/identity';
import { DeploymentsService } from './deployments.service.js';
import { ServingStatusService } from './serving-status.js';

const SERVICES = [DeploymentsService, ServingStatusService];

/** Needs the platform's database, which is global. */
@Module({ imports: [CatalogModule, ContractsModule, ProjectsModule], providers: SERVICES, exports: SERVICES })
export class DeploymentsModule {}
