import { Injectable } from '@nestjs/common';
import type { Transaction } from '#platform/database';
import type { LicenseName } from './licenses/license.js';
import type { UseTags } from './use-conditions.js';

/** A family, or a checkpoint in its family, and who owns it. */
export interface ResolvedSubject {
  familyId: string;
  checkpointId: string | null;
  ownerOrganizationId: string;
}

/** Under which licence a checkpoint stands, and how the lab marked it. */
export type SubjectTerms = UseTags & { license: LicenseName };

/** A published checkpoint that a partner's fine-tune made, and on what it stands. */
export interface OfferableVariant {
  id: string;
  name: string;
  /** The partner. */
  organizationId: string;
  familyId: string;
  /** Whose family it is. */
  labOrganizationId: string;
  baseCheckpointId: string;
  /** The name of its licence: that of its base. */
  license: string;
}

/** What can be granted is the catalog's to know: it answers here when it starts, since it builds on contracts and not the reverse. */
export interface SubjectCatalog {
  resolve(tx: Transaction, subjectId: string): Promise<ResolvedSubject | null>;
  /** What is not visible is left out. */
  termsOf(tx: Transaction, checkpointIds: readonly string[]): Promise<ReadonlyMap<string, SubjectTerms>>;
  /** Null for what is no partner's variant, not published or retired, or not visible. */
  variantOf(tx: Transaction, checkpointId: string): Promise<OfferableVariant | null>;
}

@Injectable()
export class EntitlementSubjects {
  private catalog: SubjectCatalog | undefined;

  answeredBy(catalog: SubjectCatalog): void {
    this.catalog = catalog;
  }

  /** Null for what is not there or not visible in the transaction's scope. */
  resolve(tx: Transaction, subjectId: string): Promise<ResolvedSubject | null> {
    return this.answering().resolve(tx, subjectId);
  }

  termsOf(tx: Transaction, checkpointIds: readonly string[]): Promise<ReadonlyMap<string, SubjectTerms>> {
    return this.answering().termsOf(tx, checkpointIds);
  }

  variantOf(tx: Transaction, checkpointId: string): Promise<OfferableVariant | null> {
    return this.answering().variantOf(tx, checkpointId);
  }

  private answering(): SubjectCatalog {
    if (!this.catalog) throw new Error('no library answers for the subjects of entitlements: load the catalog module');
    return this.catalog;
  }
}
