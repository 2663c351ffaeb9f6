import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog.module.js';
import { PublicationHandler } from './publication.handler.js';

/** The worker's part of the catalog. */
@Module({ imports: [CatalogModule], providers: [PublicationHandler] })
export class CatalogJobsModule {}
