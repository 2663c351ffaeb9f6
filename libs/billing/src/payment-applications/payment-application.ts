import type { Currency } from '#libs/kernel';

/** Has an invoice paid with what its partner paid beyond what was due, or was credited after it had paid. */
export interface PaymentApplication {
  id: string;
  invoiceId: string;
  /** The partner, whose money it is. */
  organizationId: string;
  currency: Currency;
  /** What was asked for, in minor units. */
  amountMinor: bigint;
  requestedAt: Date;
  /** As much of it as there was when it came into the books; null until then. */
  appliedMinor: bigint | null;
  postedAt: Date | null;
}
