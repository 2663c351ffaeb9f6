import { Module } from '@nestjs/common';
import { ContractsModule } from '#libs/contracts';
import { CatalogModule } from '../catalog.module.js';
import { CatalogMutations } from './catalog.mutations.js';
import { CheckpointFields } from './checkpoint.fields.js';
import { CheckpointResolver } from './checkpoint.resolver.js';
import { ModelFamilyResolver, TrainingRunResolver } from './family.resolver.js';

export { CheckpointConnection, CheckpointType } from './checkpoint.types.js';
export { ModelFamilyType, RecipeType } from './family.types.js';

@Module({
  imports: [CatalogModule, ContractsModule],
  providers: [CheckpointResolver, CheckpointFields, ModelFamilyResolver, TrainingRunResolver, CatalogMutations],
})
export class CatalogGraphqlModule {}
