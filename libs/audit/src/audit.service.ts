import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { AuditRecord, AuditSink } from '#platform/graphql';
import { entriesAfter, insertEntry, lockChainHead } from './audit.repository.js';
import { CHAIN_START, type ChainFault, type ChainHead, ChainVerifier, sealEntry } from './audit-chain.js';

const PAGE = 1_000;
/** What one verification reads at most; a longer chain is verified in steps. */
export const LONGEST_VERIFICATION = 50_000;

export interface Verification {
  intact: boolean;
  /** How many entries were read and found in order. */
  verified: number;
  /** The last entry in order: kept elsewhere, it shows later that nothing before it was cut off or rewritten. */
  head: ChainHead;
  fault: { sequence: bigint; fault: ChainFault } | null;
  /** Whether entries are left after `head` that this verification did not read. */
  more: boolean;
}

@Injectable()
export class AuditService implements AuditSink {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Appends an entry about what the scope's actor did. Make it the last thing that a transaction waits for: from here to its end no
   * other transaction of the organization can append.
   */
  async record(tx: Transaction, record: AuditRecord): Promise<void> {
    const head = await lockChainHead(tx);
    const facts = {
      id: newId('aud'),
      organizationId: tx.scope.organizationId,
      sequence: (head?.sequence ?? 0n) + 1n,
      occurredAt: this.clock.now(),
      actorType: tx.scope.actor.type,
      actorId: tx.scope.actor.id,
      action: record.action,
      outcome: record.outcome,
      code: record.code ?? null,
      targetIds: record.targetIds,
      projectId: record.projectId ?? null,
      requestId: record.requestId,
      inputSha256: record.inputSha256,
    };
    await insertEntry(tx, sealEntry(facts, head?.sha256 ?? CHAIN_START));
  }

  /** Recomputes the organization's chain from its start, or from a head that an earlier verification gave. */
  async verifyChain(tx: Transaction, from?: ChainHead): Promise<Verification> {
    const verifier = new ChainVerifier(from);
    if (from) verifier.fault = await this.faultOfAnchor(tx, from);
    let verified = 0;
    let more = true;
    while (more && !verifier.fault && verified < LONGEST_VERIFICATION) {
      const entries = await entriesAfter(tx, verifier.head.sequence, PAGE);
      for (const entry of entries) {
        if (!verifier.accept(entry)) break;
        verified += 1;
      }
      more = entries.length === PAGE;
    }
    return {
      intact: !verifier.fault,
      verified,
      head: verifier.head,
      fault: verifier.fault,
      more: more && !verifier.fault,
    };
  }

  /** A head that was kept elsewhere has to be in the chain still, or its end was cut off or rewritten. */
  private async faultOfAnchor(tx: Transaction, { sequence, sha256 }: ChainHead): Promise<ChainVerifier['fault']> {
    if (sequence === 0n) return null;
    const [entry] = await entriesAfter(tx, sequence - 1n, 1);
    if (entry?.sequence !== sequence) return { sequence, fault: 'missing' };
    return entry.entrySha256 === sha256 ? null : { sequence, fault: 'changed' };
  }
}
