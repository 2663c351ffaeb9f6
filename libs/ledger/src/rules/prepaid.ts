import type { Currency } from '#libs/kernel';
import { entriesOf, type Posting } from '../posting.js';
import { assertAboveZero } from './amounts.js';

export interface ExpiredPrepaid {
  commitmentId: string;
  currency: Currency;
  /** The commitment's `to`. */
  expiredAt: Date;
  /** What was purchased and not drawn down. */
  forfeitedMinor: bigint;
}

/** What was prepaid and not used by the end of its commitment is forfeited, and earned. */
export function expirePrepaid({ commitmentId, currency, expiredAt, forfeitedMinor }: ExpiredPrepaid): Posting {
  assertAboveZero('What is forfeited', forfeitedMinor);
  return {
    kind: 'expire_prepaid',
    currency,
    effectiveAt: expiredAt,
    sourceKey: `expire_prepaid:${commitmentId}`,
    description: `Unused part of the commitment ${commitmentId}`,
    entries: entriesOf([{ debit: 'deferred_revenue', credit: 'breakage_revenue', amountMinor: forfeitedMinor }]),
    links: [{ type: 'commitment', id: commitmentId }],
    reversesTransactionId: null,
  };
}
