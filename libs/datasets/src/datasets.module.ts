import { Module } from '@nestjs/common';
import { CatalogModule } from '#libs/catalog';
import { ComputeModule } from '#libs/compute';
import { ContractsModule } from '#libs/contracts';
import { DatasetsService } from './datasets.service.js';
import { FileReceiver } from './file-receiver.js';
import { PreparationOutput } from './preparation-output.js';
import { StreamParts } from './stream-parts.js';
import { UploadVerifier } from './upload-verifier.js';
import { UploadsService } from './uploads.service.js';

const PROVIDERS = [DatasetsService, UploadsService, UploadVerifier, FileReceiver, StreamParts, PreparationOutput];

/** Needs the platform's database and storage, which are global. */
@Module({
  imports: [CatalogModule, ComputeModule, ContractsModule],
  providers: PROVIDERS,
  exports: PROVIDERS,
})
export class DatasetsModule {}
