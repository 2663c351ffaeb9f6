import { type Currency, defineStates } from '#libs/kernel';
import type { ContractTerms } from './terms.js';

export type ContractState = 'negotiating' | 'in_force' | 'abandoned';
/** In force until its `endsAt`: that it has ended is seen from the time, not stored. */
export const contractStates = defineStates<ContractState>('contract', {
  initial: 'negotiating',
  terminal: ['in_force', 'abandoned'],
  transitions: { negotiating: ['in_force', 'abandoned'], in_force: [], abandoned: [] },
});

export type ContractVersionState = 'draft' | 'in_review' | 'offered' | 'accepted' | 'declined' | 'withdrawn';
export const contractVersionStates = defineStates<ContractVersionState>('contract version', {
  initial: 'draft',
  terminal: ['accepted', 'declined', 'withdrawn'],
  transitions: {
    draft: ['in_review', 'withdrawn'],
    in_review: ['offered', 'draft', 'withdrawn'],
    offered: ['accepted', 'declined', 'withdrawn'],
    accepted: [],
    declined: [],
    withdrawn: [],
  },
});

/** The most versions of a contract: all of them are shown at once. */
export const MOST_VERSIONS = 100;

/** An organization as the documents of the contract name it, whatever it is called later. */
export interface ContractParty {
  id: string;
  name: string;
}

/** What all versions of a contract have in common; fixed once one of them was offered. */
export interface ContractFrame {
  name: string;
  /** Null: on acceptance. */
  startsAt: Date | null;
  endsAt: Date;
  /** Days of 86,400 seconds after the end of a period in which usage that comes late is taken onto its invoice. */
  graceDays: number;
  purchaseOrder: string | null;
}

export interface Contract extends ContractFrame {
  id: string;
  /** The partner. */
  organizationId: string;
  organization: ContractParty;
  lab: ContractParty;
  currency: Currency;
  state: ContractState;
  firstOfferedAt: Date | null;
  createdAt: Date;
}

export interface ContractVersion {
  id: string;
  contractId: string;
  number: number;
  /** Null: on acceptance. */
  effectiveFrom: Date | null;
  terms: ContractTerms;
  /** What it is about, for people. */
  summary: string;
  /** Canonical JSON, as it was read and signed. */
  document: string;
  documentSha256: string;
  state: ContractVersionState;
  /** Everybody who drafted, revised or submitted it: none of them approves it. */
  authors: string[];
  draftedBy: string;
  draftedAt: Date;
  submittedBy: string | null;
  submittedAt: Date | null;
  returnedAt: Date | null;
  /** Between people of the lab: null for the partner. */
  returnReason: string | null;
  approvedBy: string | null;
  offeredAt: Date | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  decisionReason: string | null;
}

export type ContractSide = 'lab' | 'partner';

export interface ContractSignature {
  versionId: string;
  side: ContractSide;
  userId: string;
  signatoryName: string;
  signatoryTitle: string;
  documentSha256: string;
  signedAt: Date;
}

/** What who signs says of themselves and of what they read. */
export interface Signing {
  documentSha256: string;
  signatoryName: string;
  signatoryTitle: string;
}

/** Of contracts in force at once the one that began first decides, and bills: nobody can make one that began earlier. */
export function beganBefore(one: Begun, other: Begun): boolean {
  const difference = one.startsAt!.getTime() - other.startsAt!.getTime();
  return difference < 0 || (difference === 0 && one.id < other.id);
}
type Begun = Pick<Contract, 'id' | 'startsAt'>;

/** The version whose terms hold at a time, of those that were accepted; null outside the term. */
export function versionInForce<Version extends Pick<ContractVersion, 'state' | 'effectiveFrom'>>(
  { state, startsAt, endsAt }: Pick<Contract, 'state' | 'startsAt' | 'endsAt'>,
  versions: readonly Version[],
  at: Date,
): Version | null {
  if (state !== 'in_force' || startsAt === null || at < startsAt || at >= endsAt) return null;
  let newest: Version | null = null;
  for (const version of versions) {
    if (version.state !== 'accepted' || version.effectiveFrom === null || version.effectiveFrom > at) continue;
    if (!newest?.effectiveFrom || version.effectiveFrom > newest.effectiveFrom) newest = version;
  }
  return newest;
}

type Agreement = Pick<Contract, 'id' | 'state' | 'startsAt' | 'endsAt'> & {
  versions: ReadonlyArray<Pick<ContractVersion, 'state' | 'effectiveFrom'>>;
};

/** Of several contracts in force at once the one that decides, with the version that holds; null where none is in force. */
export function agreementAt<Agreed extends Agreement>(
  contracts: readonly Agreed[],
  at: Date,
): { contract: Agreed; version: Agreed['versions'][number] } | null {
  let first: { contract: Agreed; version: Agreed['versions'][number] } | null = null;
  for (const contract of contracts) {
    const version = versionInForce<Agreed['versions'][number]>(contract, contract.versions, at);
    if (version && (!first || beganBefore(contract, first.contract))) first = { contract, version };
  }
  return first;
}
