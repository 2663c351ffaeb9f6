import { Module, type OnModuleInit } from '@nestjs/common';
import { ContractsModule, EntitlementSubjects, type ResolvedSubject } from '#libs/contracts';
import { idPrefix } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CatalogService } from './catalog.service.js';
import { isPublished } from './checkpoint.js';
import { findCheckpoints, offerableVariant, termsOfCheckpoints } from './checkpoint.repository.js';
import { VariantDeletionService } from './deletion.service.js';
import { CheckpointEvaluationService } from './evaluation.service.js';
import { FamilyService } from './family.service.js';
import { OutputService } from './output.service.js';
import { PublicationService } from './publication.service.js';
import { RecipeService } from './recipe.service.js';
import { RetirementService } from './retirement.service.js';
import { CheckpointSampleService } from './sample.service.js';
import { TransferService } from './transfer.service.js';
import { UseTagService } from './use-tag.service.js';
import { VerificationService } from './verification.service.js';

const SERVICES = [
  CatalogService,
  CheckpointEvaluationService,
  CheckpointSampleService,
  FamilyService,
  OutputService,
  PublicationService,
  RecipeService,
  RetirementService,
  TransferService,
  UseTagService,
  VariantDeletionService,
  VerificationService,
];

@Module({ imports: [ContractsModule], providers: SERVICES, exports: SERVICES })
export class CatalogModule implements OnModuleInit {
  constructor(
    private readonly subjects: EntitlementSubjects,
    private readonly families: FamilyService,
  ) {}

  onModuleInit(): void {
    this.subjects.answeredBy({
      resolve: (tx, id) => this.resolveSubject(tx, id),
      termsOf: termsOfCheckpoints,
      variantOf: offerableVariant,
    });
  }

  private async resolveSubject(tx: Transaction, id: string): Promise<ResolvedSubject | null> {
    if (idPrefix(id) === 'fam') {
      const [family] = await this.families.findFamilies(tx, [id]);
      return family ? { familyId: id, checkpointId: null, ownerOrganizationId: family.organizationId } : null;
    }
    const [checkpoint] = await findCheckpoints(tx, [id]);
    if (!checkpoint || !isPublished(checkpoint)) return null;
    return { familyId: checkpoint.familyId, checkpointId: id, ownerOrganizationId: checkpoint.organizationId };
  }
}
