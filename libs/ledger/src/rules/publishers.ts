import type { Currency } from '#libs/kernel';
import { entriesOf, type Posting } from '../posting.js';
import { assertAboveZero, assertWithin } from './amounts.js';
import type { UsageWindow } from './usage.js';

export interface PublisherShare {
  window: UsageWindow;
  currency: Currency;
  listingId: string;
  shareMinor: bigint;
}

/** In the books of the publisher, which do not tell who used its listing. */
export function accruePublisherShare({ window, currency, listingId, shareMinor }: PublisherShare): Posting {
  assertAboveZero('A publisher share', shareMinor);
  return {
    kind: 'accrue_publisher_share',
    currency,
    effectiveAt: new Date(window.to.getTime() - 1),
    sourceKey: `accrue_publisher_share:${window.id}:${listingId}`,
    description: `Share of ${listingId} from ${window.from.toISOString()} to ${window.to.toISOString()}`,
    entries: entriesOf([{ debit: 'publisher_share_expense', credit: 'publisher_payable', amountMinor: shareMinor }]),
    links: [
      { type: 'listing', id: listingId },
      { type: 'usage_window', id: window.id },
    ],
    reversesTransactionId: null,
  };
}

export interface PublisherPayout {
  payoutId: string;
  currency: Currency;
  paidAt: Date;
  amountMinor: bigint;
  /** The balance of `publisher_payable` at that moment. */
  payableMinor: bigint;
}

/** Pays a publisher what its listings earned for it. */
export function payPublisher({ payoutId, currency, paidAt, amountMinor, payableMinor }: PublisherPayout): Posting {
  assertAboveZero('A payout', amountMinor);
  assertWithin('A payout', amountMinor, payableMinor);
  return {
    kind: 'pay_publisher',
    currency,
    effectiveAt: paidAt,
    sourceKey: `pay_publisher:${payoutId}`,
    description: `Payout ${payoutId}`,
    entries: entriesOf([{ debit: 'publisher_payable', credit: 'cash_clearing', amountMinor }]),
    links: [{ type: 'payout', id: payoutId }],
    reversesTransactionId: null,
  };
}
