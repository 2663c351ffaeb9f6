import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface CreditGrant {
  id: string;
  organizationId: string;
  contract: { id: string; name: string; currency: string } | null;
  reason: string;
  /** In minor units of the contract's currency, as the rollover. */
  amountMinor: string;
  rolloverMinor: string;
  recurrence: string;
  priority: number;
  meters: string[] | null;
  projectIds: string[] | null;
  effectiveAt: string;
  expiresAt: string | null;
  voidedAt: string | null;
}

const GRANT = `id organizationId contract { id name currency } reason amountMinor rolloverMinor recurrence priority meters
  projectIds effectiveAt expiresAt voidedAt`;

export const CREDIT_GRANTS = defineOperation<{ creditGrants: Connection<CreditGrant> }, Page & { contractId?: string }>(
  `query($first: Int, $after: String, $contractId: ID) {
    creditGrants(first: $first, after: $after, contractId: $contractId) { nodes { ${GRANT} } ${PAGE_INFO} } }`,
);

export const CREATE_CREDIT_GRANT = defineMutation<
  { creditGrant: CreditGrant },
  {
    contractId: string;
    amountMinor: string;
    reason: string;
    recurrence?: string;
    rolloverMinor?: string;
    priority?: number;
    meters?: string[];
    projectIds?: string[];
    effectiveAt?: string;
    expiresAt?: string;
  }
>('createCreditGrant', `creditGrant { ${GRANT} }`);
