import type { Currency } from '#libs/kernel';
import { canonicalJson, sha256Hex } from '#libs/kernel';
import { ACCOUNT_NAMES, type AccountName } from './chart.js';

/** What can happen that the books tell. */
export const POSTING_KINDS = [
  'accrue_usage',
  'finalize_invoice',
  'void_invoice',
  'receive_payment',
  'apply_payment',
  'refund',
  'credit_note',
  'write_off',
  'expire_prepaid',
  'accrue_publisher_share',
  'pay_publisher',
  'reversal',
] as const;
export type PostingKind = (typeof POSTING_KINDS)[number];

export interface Entry {
  account: AccountName;
  /** In minor units. Above zero it is a debit, below a credit; never zero. */
  amountMinor: bigint;
}

/** What a transaction came from: `invoice` and its id, `usage_window` and its key, and so on. */
export interface Link {
  type: string;
  id: string;
}

/** What is to be recorded. Posting it again under the same key is the same transaction. */
export interface Posting {
  kind: PostingKind;
  currency: Currency;
  /** When it counts: for balances and statements. */
  effectiveAt: Date;
  /** Says what it is about, once: `finalize_invoice:inv_...`. */
  sourceKey: string;
  description: string;
  /** At most one per account, in the order of the chart; they sum to zero. */
  entries: readonly Entry[];
  links: readonly Link[];
  /** The transaction that this one negates. */
  reversesTransactionId: string | null;
}

/** A posting as it was recorded. */
export interface LedgerTransaction extends Posting {
  id: string;
  organizationId: string;
  /** Counts the organization's transactions, in the order of the journal. */
  sequence: bigint;
  recordedAt: Date;
  /** The transaction that negates this one, if there is one. */
  reversedByTransactionId: string | null;
}

/** Value that moves from one account to another: debit the one, credit the other. Below zero it moves the other way. */
export interface Movement {
  debit: AccountName;
  credit: AccountName;
  amountMinor: bigint;
}

/** Each movement sums to zero, and so do all of them. */
export function entriesOf(movements: readonly Movement[]): Entry[] {
  const sums = new Map<AccountName, bigint>();
  const add = (account: AccountName, amountMinor: bigint) => sums.set(account, (sums.get(account) ?? 0n) + amountMinor);
  for (const { debit, credit, amountMinor } of movements) {
    add(debit, amountMinor);
    add(credit, -amountMinor);
  }
  return ACCOUNT_NAMES.flatMap((account) => {
    const amountMinor = sums.get(account) ?? 0n;
    return amountMinor === 0n ? [] : [{ account, amountMinor }];
  });
}

export function sumOf(entries: readonly Entry[]): bigint {
  return entries.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/** The sum of an account's entries: debits less credits. */
export function amountOn(entries: readonly Entry[], account: AccountName): bigint {
  return sumOf(entries.filter((entry) => entry.account === account));
}

/** Two postings with the same hash say the same. The first member names the format. */
export function contentHash(posting: Posting): string {
  const { kind, currency, description, reversesTransactionId } = posting;
  return sha256Hex(
    canonicalJson({
      format: 'forkpoint-ledger-1',
      kind,
      currency,
      description,
      reversesTransactionId,
      effectiveAt: posting.effectiveAt.toISOString(),
      entries: posting.entries.map(({ account, amountMinor }) => [account, amountMinor.toString()]),
      links: sortedLinks(posting.links).map(({ type, id }) => [type, id]),
    }),
  );
}

/** Without repetition, in an order of their own: two lists of the same things are equal. */
export function sortedLinks(links: readonly Link[]): Link[] {
  const byKey = new Map(links.map((link) => [canonicalJson([link.type, link.id]), link]));
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, link]) => link);
}
