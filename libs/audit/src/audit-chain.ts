import { canonicalJson, sha256Hex } from '#libs/kernel';

/** What one entry says. `sequence` counts an organization's entries from 1, without gaps. */
export interface AuditFacts {
  id: string;
  organizationId: string;
  sequence: bigint;
  occurredAt: Date;
  actorType: string;
  actorId: string;
  action: string;
  outcome: 'done' | 'refused';
  code: string | null;
  targetIds: string[];
  projectId: string | null;
  requestId: string;
  inputSha256: string;
}

export interface AuditEntry extends AuditFacts {
  /** The hash of the entry before, which this entry's hash covers: none can be changed, left out or reordered unnoticed. */
  previousSha256: string;
  entrySha256: string;
}

/** Stands in for the hash before an organization's first entry. */
export const CHAIN_START = '0'.repeat(64);

export function sealEntry(facts: AuditFacts, previousSha256: string): AuditEntry {
  return { ...facts, previousSha256, entrySha256: hashOf(facts, previousSha256) };
}

/** The first member names the format, so that a later one can't be mistaken for it. */
function hashOf(facts: AuditFacts, previousSha256: string): string {
  return sha256Hex(
    canonicalJson({
      format: 'forkpoint-audit-1',
      id: facts.id,
      organizationId: facts.organizationId,
      sequence: facts.sequence.toString(),
      occurredAt: facts.occurredAt.toISOString(),
      actorType: facts.actorType,
      actorId: facts.actorId,
      action: facts.action,
      outcome: facts.outcome,
      code: facts.code,
      targetIds: facts.targetIds,
      projectId: facts.projectId,
      requestId: facts.requestId,
      inputSha256: facts.inputSha256,
      previousSha256,
    }),
  );
}

export type ChainFault = 'missing' | 'out_of_place' | 'changed';

export interface ChainHead {
  sequence: bigint;
  sha256: string;
}

/** Follows a chain entry by entry. `head` is the last entry that was in order, `fault` what came next when it was not. */
export class ChainVerifier {
  fault: { sequence: bigint; fault: ChainFault } | null = null;

  constructor(public head: ChainHead = { sequence: 0n, sha256: CHAIN_START }) {}

  /** False from the first fault on. */
  accept(entry: AuditEntry): boolean {
    if (this.fault) return false;
    const expected = this.head.sequence + 1n;
    const fault = this.faultOf(entry, expected);
    if (fault) this.fault = { sequence: expected, fault };
    else this.head = { sequence: entry.sequence, sha256: entry.entrySha256 };
    return !fault;
  }

  private faultOf(entry: AuditEntry, expected: bigint): ChainFault | null {
    if (entry.sequence !== expected) return 'missing';
    if (entry.previousSha256 !== this.head.sha256) return 'out_of_place';
    return hashOf(entry, entry.previousSha256) === entry.entrySha256 ? null : 'changed';
  }
}
