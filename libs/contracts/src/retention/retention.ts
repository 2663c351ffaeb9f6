import { DAY_MILLISECONDS } from '#libs/kernel';
import { agreementAt, type Contract, type ContractVersion } from '../contract/contract.js';
import type { Retention } from '../contract/terms.js';

export type RetentionClauseName = `retention.${keyof Retention}`;

/** By which clause of which version of which contract something goes, or went. */
export interface RetentionClause {
  clause: RetentionClauseName;
  contractId: string;
  contractName: string;
  versionId: string;
  versionNumber: number;
  days: number;
}

/** A contract that was put in force, with its accepted versions. */
export type RetentionAgreement = Pick<Contract, 'id' | 'name' | 'state' | 'startsAt' | 'endsAt'> & {
  versions: ReadonlyArray<Pick<ContractVersion, 'id' | 'number' | 'state' | 'effectiveFrom' | 'terms'>>;
};

/** What becomes of the content of an organization after its last contract. */
export interface ContentEnd {
  clause: RetentionClause;
  /** When the last contract ends, or ended. */
  endedAt: Date;
  /** From when on its people are told. */
  noticeAt: Date;
  dueAt: Date;
}

/** For so long people know before their content is deleted, if the clause leaves as much. */
export const NOTICE_DAYS = 14;

export const daysAfter = (at: Date, days: number): Date => new Date(at.getTime() + days * DAY_MILLISECONDS);

/** For how long files are kept by the version in force at a time; null: until somebody deletes them. */
export function uploadClauseAt(agreements: readonly RetentionAgreement[], at: Date): RetentionClause | null {
  return clauseAt(agreements, at, 'uploadDays');
}

/** As things are agreed on: who signs another contract puts it off. Null where content is kept until somebody deletes it. */
export function contentEndOf(agreements: readonly RetentionAgreement[]): ContentEnd | null {
  const ends = agreements.filter(({ state }) => state === 'in_force').map(({ endsAt }) => endsAt.getTime());
  if (ends.length === 0) return null;
  const endedAt = new Date(Math.max(...ends));
  // In force at its last instant.
  const clause = clauseAt(agreements, new Date(endedAt.getTime() - 1), 'afterEndDays');
  if (!clause) return null;
  const { days } = clause;
  return {
    clause,
    endedAt,
    noticeAt: daysAfter(endedAt, Math.max(0, days - NOTICE_DAYS)),
    dueAt: daysAfter(endedAt, days),
  };
}

function clauseAt(agreements: readonly RetentionAgreement[], at: Date, name: keyof Retention): RetentionClause | null {
  const agreed = agreementAt(agreements, at);
  const days = agreed?.version.terms.retention[name] ?? null;
  if (!agreed || days === null) return null;
  const { contract, version } = agreed;
  const { id: contractId, name: contractName } = contract;
  const [versionId, versionNumber] = [version.id, version.number];
  return { clause: `retention.${name}`, contractId, contractName, versionId, versionNumber, days };
}

export function clauseText({ clause, versionNumber, contractName, contractId }: Omit<RetentionClause, 'days'>): string {
  return `the clause "${clause}" of version ${versionNumber} of the contract ${contractName} (${contractId})`;
}

/** What is left of content that was removed: by what, and when. In JSON, beside what it was. */
export type Removal = RemovalByClause | RemovalByOwner;

export interface RemovalByClause extends Omit<RetentionClause, 'days'> {
  /** RFC 3339. */
  at: string;
}

/** Somebody of the organization deleted it. */
export interface RemovalByOwner {
  /** The actor's id. */
  deletedBy: string;
  /** RFC 3339. */
  at: string;
}

export function removalOf({ days: _, ...clause }: RetentionClause, at: Date): RemovalByClause {
  return { ...clause, at: at.toISOString() };
}

/** By what it went, for people: "removed by …". */
export function removedBy(removal: Removal): string {
  return 'clause' in removal ? clauseText(removal) : `its owner (${removal.deletedBy})`;
}
