import { Module } from '@nestjs/common';
import { CatalogModule } from '#libs/catalog';
import { ContractsModule } from '#libs/contracts';
import { DatasetsModule } from '../datasets.module.js';
import { DatasetsResolver, DatasetVersionsResolver } from './datasets.resolver.js';
import { DatasetVersionPreparationsResolver, PreparationsResolver } from './preparations.resolver.js';
import { PresignUploadPartsResolver, UploadsResolver } from './uploads.resolver.js';

@Module({
  imports: [DatasetsModule, CatalogModule, ContractsModule],
  providers: [
    DatasetsResolver,
    DatasetVersionsResolver,
    UploadsResolver,
    PresignUploadPartsResolver,
    PreparationsResolver,
    DatasetVersionPreparationsResolver,
  ],
})
export class DatasetsGraphqlModule {}
