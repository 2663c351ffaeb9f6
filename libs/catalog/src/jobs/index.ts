import { Module } from '@nestjs/common';
import { UsageModule } from '#libs/usage';
import { CatalogModule } from '../catalog.module.js';
import { DeletionHandler } from './deletion.handler.js';
import { PublicationHandler } from './publication.handler.js';
import { StoredVariants } from './stored-variants.js';

/** The worker's part of the catalog. */
@Module({ imports: [CatalogModule, UsageModule], providers: [DeletionHandler, PublicationHandler, StoredVariants] })
export class CatalogJobsModule {}
