import type { Currency } from '#libs/kernel';

/** Money that the lab sent to a publisher for what its listings earned. */
export interface PublisherPayout {
  id: string;
  /** The publisher. */
  organizationId: string;
  currency: Currency;
  amountMinor: bigint;
  /** What stood to the publisher's credit when it was entered, other payouts not in the books yet taken off. */
  payableMinor: bigint;
  /** As the lab's bank statement names it. */
  reference: string;
  paidAt: Date;
  /** Somebody of the lab. */
  recordedBy: string;
  recordedAt: Date;
  /** Null until it is in the publisher's books. */
  postedAt: Date | null;
}

export type SentPayout = Pick<PublisherPayout, 'organizationId' | 'currency' | 'amountMinor' | 'reference' | 'paidAt'>;

/** What a publisher earned, and what of it is still to be paid. */
export interface PublisherBalance {
  organizationId: string;
  currency: Currency;
  earnedMinor: bigint;
  /** By all payouts, those not in the books yet too. */
  paidOutMinor: bigint;
  /** Below zero where what was paid out was credited to who used the listing afterwards. */
  payableMinor: bigint;
}
