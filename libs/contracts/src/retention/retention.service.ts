import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '#libs/audit';
import { CLOCK, type Clock, canonicalJson, newId, sha256Hex } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { contractsInForce } from '../contract/contract.repository.js';
import { versionsOfContracts } from '../contract/contract-version.repository.js';
import {
  type ContentEnd,
  contentEndOf,
  type RetentionAgreement,
  type RetentionClause,
  uploadClauseAt,
} from './retention.js';

/** For how long the scope's organization's content is kept, as agreed on now: what an amendment says holds for what is there. */
export interface RetentionTerms {
  uploads: RetentionClause | null;
  /** Null where nothing ends it. */
  content: ContentEnd | null;
}

@Injectable()
export class RetentionService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  async terms(tx: Transaction): Promise<RetentionTerms> {
    const agreements = await agreementsOf(tx);
    return { uploads: uploadClauseAt(agreements, this.clock.now()), content: contentEndOf(agreements) };
  }

  /** What went by a clause, in the transaction in which it goes. The entry names the clause's contract and version after what went. */
  record(tx: Transaction, clause: RetentionClause, ids: readonly string[]): Promise<void> {
    return this.audit.record(tx, {
      action: clause.clause,
      outcome: 'done',
      targetIds: [...ids, clause.contractId, clause.versionId],
      requestId: newId('req'),
      inputSha256: sha256Hex(canonicalJson({ ...clause, ids: [...ids] })),
    });
  }
}

async function agreementsOf(tx: Transaction): Promise<RetentionAgreement[]> {
  const contracts = await contractsInForce(tx, tx.scope.organizationId);
  const versions = await versionsOfContracts(
    tx,
    contracts.map(({ id }) => id),
  );
  return contracts.map((contract) => ({ ...contract, versions: versions.get(contract.id) ?? [] }));
}
