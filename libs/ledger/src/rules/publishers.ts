import type { Currency } from '#libs/kernel';
import { entriesOf, type Posting } from '../posting.js';
import { assertAboveZero, assertNotZero, assertWithin } from './amounts.js';

/** Of what an invoice charges for a listing's use. */
export interface PublisherShare extends ShareKey {
  currency: Currency;
  /** The invoice's period, `[from, to)`. */
  from: Date;
  to: Date;
  accruedAt: Date;
  /** Below zero where late usage makes an earlier period cheaper. */
  shareMinor: bigint;
}

export interface ShareKey {
  listingId: string;
  /** That of whoever used it: the lab can read it, the publisher can't. */
  invoiceId: string;
  /** Counts what was posted for both, from 1: it is posted anew when part of the invoice is taken back. */
  revision: number;
}

/** In the books of the publisher, which do not tell who used its listing. */
export function accruePublisherShare({ currency, from, to, accruedAt, shareMinor, ...key }: PublisherShare): Posting {
  assertNotZero('A publisher share', shareMinor);
  const { listingId, invoiceId } = key;
  return {
    kind: 'accrue_publisher_share',
    currency,
    effectiveAt: accruedAt,
    sourceKey: shareKey(key),
    description: `Share of ${listingId} from ${from.toISOString()} to ${to.toISOString()}`,
    entries: entriesOf([{ debit: 'publisher_share_expense', credit: 'publisher_payable', amountMinor: shareMinor }]),
    links: [
      { type: 'listing', id: listingId },
      { type: 'listing_invoice', id: invoiceId },
    ],
    reversesTransactionId: null,
  };
}

/** The source key of a share. */
export function shareKey({ invoiceId, listingId, revision }: ShareKey): string {
  return `accrue_publisher_share:${invoiceId}:${listingId}:${revision}`;
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
