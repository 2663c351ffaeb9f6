import { Injectable } from '@nestjs/common';
import type { Transaction } from '#platform/database';

/** A family, or a checkpoint in its family, and who owns it. */
export interface ResolvedSubject {
  familyId: string;
  checkpointId: string | null;
  ownerOrganizationId: string;
}

/** What can be granted is the catalog's to know: it answers here when it starts, since it builds on contracts and not the reverse. */
export type ResolveSubject = (tx: Transaction, subjectId: string) => Promise<ResolvedSubject | null>;

@Injectable()
export class EntitlementSubjects {
  private resolver: ResolveSubject | undefined;

  answeredBy(resolver: ResolveSubject): void {
    this.resolver = resolver;
  }

  /** Null for what is not there or not visible in the transaction's scope. */
  resolve(tx: Transaction, subjectId: string): Promise<ResolvedSubject | null> {
    if (!this.resolver) throw new Error('no library answers for the subjects of entitlements: load the catalog module');
    return this.resolver(tx, subjectId);
  }
}
