import { Module } from '@nestjs/common';
import { CatalogModule } from '#libs/catalog';
import { ContractsModule } from '#libs/contracts';
import { DeploymentsService } from './deployments.service.js';
import { ServingStatusService } from './serving-status.js';

const SERVICES = [DeploymentsService, ServingStatusService];

/** Needs the platform's database and identity, which are global. */
@Module({ imports: [CatalogModule, ContractsModule], providers: SERVICES, exports: SERVICES })
export class DeploymentsModule {}
