import { defineMutation, defineOperation } from '#libs/client';
import { AMOUNT, type Amount, type Connection, PAGE_INFO, type Page } from './shared.js';

export interface Payout {
  id: string;
  organizationId: string;
  organization: { id: string; name: string } | null;
  amount: Amount;
  reference: string;
  paidAt: string;
  recordedAt: string;
  /** Null for a partner. */
  recordedBy: string | null;
  /** Null until it is in the publisher's books. */
  postedAt: string | null;
}

export interface PublisherBalance {
  organizationId: string;
  organization: { id: string; name: string } | null;
  earned: Amount;
  paidOut: Amount;
  payable: Amount;
}

const PAYOUT = `id organizationId organization { id name } amount ${AMOUNT} reference paidAt recordedAt recordedBy postedAt`;

export const PAYOUTS = defineOperation<{ publisherPayouts: Connection<Payout> }, Page & { organizationId?: string }>(
  `query($first: Int, $after: String, $organizationId: ID) {
    publisherPayouts(first: $first, after: $after, organizationId: $organizationId) { nodes { ${PAYOUT} } ${PAGE_INFO} } }`,
);

export const PUBLISHER_BALANCES = defineOperation<{ publisherBalances: PublisherBalance[] }, object>(
  `query { publisherBalances { organizationId organization { id name } earned ${AMOUNT} paidOut ${AMOUNT} payable ${AMOUNT} } }`,
);

export const RECORD_PAYOUT = defineMutation<
  { publisherPayout: Payout },
  { organizationId: string; currency: string; amountMinor: string; reference: string; paidAt: string }
>('recordPublisherPayout', `publisherPayout { ${PAYOUT} }`);
