import type { LedgerTransaction, Posting } from '../posting.js';

export interface Reversal {
  transaction: LedgerTransaction;
  reversedAt: Date;
  reason: string;
}

/**
 * Negates a transaction: a payment that bounced, a receivable that was written off and is paid after all. It has the links of what
 * it reverses, so that whatever is summed by them is as it was before.
 */
export function reverse({ transaction, reversedAt, reason }: Reversal): Posting {
  return {
    kind: 'reversal',
    currency: transaction.currency,
    effectiveAt: reversedAt,
    sourceKey: `reversal:${transaction.id}`,
    description: reason,
    entries: transaction.entries.map(({ account, amountMinor }) => ({ account, amountMinor: -amountMinor })),
    links: transaction.links,
    reversesTransactionId: transaction.id,
  };
}
