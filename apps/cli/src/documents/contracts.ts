import { defineMutation, defineOperation } from '#libs/client';
import type { ContractTerms } from '../contract-terms.js';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface Contract {
  id: string;
  name: string;
  state: string;
  currency: string;
  startsAt: string | null;
  endsAt: string;
  graceDays: number;
  purchaseOrder: string | null;
  lab: { id: string; name: string };
  organization: { id: string; name: string };
  suspension: { reason: string; clause: string; since: string } | null;
  versionInForce: { id: string; number: number } | null;
}

export interface ContractVersion {
  id: string;
  number: number;
  state: string;
  summary: string;
  effectiveFrom: string | null;
  documentSha256: string;
  signatures: Array<{ side: string; signatoryName: string; signatoryTitle: string; signedAt: string }>;
  returnReason: string | null;
  decisionReason: string | null;
}

export interface ContractChange {
  clause: string;
  path: string[];
  before: string | null;
  after: string | null;
}

const CONTRACT = `id name state currency startsAt endsAt graceDays purchaseOrder lab { id name } organization { id name }
  suspension { reason clause since } versionInForce { id number }`;
const VERSION = `id number state summary effectiveFrom documentSha256 returnReason decisionReason
  signatures { side signatoryName signatoryTitle signedAt }`;

export const CONTRACTS = defineOperation<
  { contracts: Connection<Contract> },
  Page & { organizationId?: string; state?: string }
>(
  `query($first: Int, $after: String, $organizationId: ID, $state: ContractState) {
    contracts(first: $first, after: $after, organizationId: $organizationId, state: $state) { nodes { ${CONTRACT} } ${PAGE_INFO} } }`,
);

export const SHOW_CONTRACT = defineOperation<
  { node: (Contract & { versions: ContractVersion[] }) | { name?: undefined } | null },
  { id: string }
>(`query($id: ID!) { node(id: $id) { ... on Contract { ${CONTRACT} versions { ${VERSION} } } } }`);

export const VERSION_DOCUMENT = defineOperation<
  { node: (ContractVersion & { document: string }) | { document?: undefined } | null },
  { id: string }
>(`query($id: ID!) { node(id: $id) { ... on ContractVersion { ${VERSION} document } } }`);

export const REDLINE = defineOperation<
  { node: (ContractVersion & { redline: ContractChange[] }) | { redline?: undefined } | null },
  { id: string; against?: string }
>(
  `query($id: ID!, $against: ID) {
    node(id: $id) { ... on ContractVersion { ${VERSION} redline(against: $against) { clause path before after } } } }`,
);

export interface ContractDraft {
  organizationId: string;
  name: string;
  currency: string;
  startsAt?: string;
  endsAt: string;
  graceDays: number;
  purchaseOrder?: string;
  summary: string;
  terms: ContractTerms;
}

export const DRAFT_CONTRACT = defineMutation<{ contract: Contract; contractVersion: ContractVersion }, ContractDraft>(
  'draftContract',
  `contract { ${CONTRACT} } contractVersion { ${VERSION} }`,
);

interface Versioned {
  contractVersion: ContractVersion;
}

export const AMEND_CONTRACT = defineMutation<
  Versioned,
  { contractId: string; summary: string; effectiveFrom?: string; terms: ContractTerms }
>('amendContract', `contractVersion { ${VERSION} }`);

export interface Signing {
  contractVersionId: string;
  documentSha256: string;
  signatoryName: string;
  signatoryTitle: string;
}

export const OFFER_VERSION = defineMutation<Versioned, Signing>(
  'offerContractVersion',
  `contractVersion { ${VERSION} }`,
);
export const ACCEPT_VERSION = defineMutation<Versioned, Signing>(
  'acceptContractVersion',
  `contractVersion { ${VERSION} }`,
);

export const SUBMIT_VERSION = defineMutation<Versioned, { contractVersionId: string }>(
  'submitContractVersion',
  `contractVersion { ${VERSION} }`,
);

interface Refusal {
  contractVersionId: string;
  reason: string;
}

export const RETURN_VERSION = defineMutation<Versioned, Refusal>(
  'returnContractVersion',
  `contractVersion { ${VERSION} }`,
);
export const DECLINE_VERSION = defineMutation<Versioned, Refusal>(
  'declineContractVersion',
  `contractVersion { ${VERSION} }`,
);
export const WITHDRAW_VERSION = defineMutation<Versioned, Refusal>(
  'withdrawContractVersion',
  `contractVersion { ${VERSION} }`,
);
