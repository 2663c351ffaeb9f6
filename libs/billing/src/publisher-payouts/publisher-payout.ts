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
  recordedAt: Date;
  /** Null until it is in the publisher's books. */
  postedAt: Date | null;
}

export type SentPayout = Pick<PublisherPayout, 'organizationId' | 'currency' | 'amountMinor' | 'reference' | 'paidAt'>;

/** What stands to the credit of a publisher. */
export interface PublisherBalance {
  organizationId: string;
  currency: Currency;
  /** Below zero where what was paid out was credited to who used the listing afterwards. */
  payableMinor: bigint;
}
