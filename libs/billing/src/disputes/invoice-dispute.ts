import type { Currency } from '#libs/kernel';

/**
 * open: the partner says that a line is wrong. The lab settles it by a credit note (credited), or says why the line is right (rejected);
 * both are for good.
 */
export const DISPUTE_STATES = ['open', 'credited', 'rejected'] as const;
export type DisputeState = (typeof DISPUTE_STATES)[number];

export interface InvoiceDispute {
  id: string;
  invoiceId: string;
  /** The partner. */
  organizationId: string;
  currency: Currency;
  /** That of the invoice's line. */
  lineId: string;
  /** What of the line no credit note had taken back, in minor units. */
  amountMinor: bigint;
  reason: string;
  state: DisputeState;
  openedAt: Date;
  closedAt: Date | null;
  /** Why it was rejected. */
  rejection: string | null;
  /** What settled it. */
  creditNoteId: string | null;
}
