import type { Meter } from '#libs/kernel';

export const RECURRENCES = ['once', 'monthly'] as const;
export type Recurrence = (typeof RECURRENCES)[number];

/** What the lab gives a partner to pay charges of a contract with; docs/guides/how-an-invoice-is-made.md says how it is used. */
export interface CreditGrantTerms {
  contractId: string;
  /** For people. */
  reason: string;
  /** In minor units of the contract's currency; of a monthly grant in each period. */
  amountMinor: bigint;
  effectiveAt: Date;
  expiresAt: Date | null;
  /** The lowest pays first. */
  priority: number;
  recurrence: Recurrence;
  /** Of what a monthly grant leaves in a period: the most that is added to the next one. */
  rolloverMinor: bigint;
  /** Null: usage of all meters, and minimums. */
  meters: Meter[] | null;
  /** Null: usage of all projects, and minimums. */
  projectIds: string[] | null;
}

export interface CreditGrant extends CreditGrantTerms {
  id: string;
  organizationId: string;
  grantedBy: string;
  grantedAt: Date;
  voidedBy: string | null;
  voidedAt: Date | null;
  voidReason: string | null;
}
