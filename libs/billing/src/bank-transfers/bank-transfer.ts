/** Money that the lab saw on its bank account, for one invoice. */
export interface BankTransfer {
  id: string;
  invoiceId: string;
  /** The partner, which pays. */
  organizationId: string;
  /** As the bank statement names it. */
  reference: string;
  /** In minor units of the invoice's currency. */
  amountMinor: bigint;
  receivedAt: Date;
  recordedAt: Date;
  /** Null until it is in the books. */
  postedAt: Date | null;
}

export type ReceivedTransfer = Pick<BankTransfer, 'invoiceId' | 'reference' | 'amountMinor' | 'receivedAt'>;
