import { Module } from '@nestjs/common';
import { CatalogModule } from '#libs/catalog';
import { Acts } from './calls.js';
import { ModelsController } from './models.controller.js';

/** What keeps a variant from being deleted is said by the modules of fine-tuning, evaluations and deployments. */
@Module({ imports: [CatalogModule], controllers: [ModelsController], providers: [Acts] })
export class OpenAiModelsModule {}
