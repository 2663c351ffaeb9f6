import { registerEnumType } from '@nestjs/graphql';
import { described, enumOf } from '#platform/graphql';
import { ACCOUNT_NAMES, ACCOUNTS } from '../chart.js';
import { POSTING_KINDS, type PostingKind } from '../posting.js';

export const LedgerAccountName = enumOf(ACCOUNT_NAMES);
registerEnumType(LedgerAccountName, {
  name: 'LedgerAccountName',
  description: 'An account of the ledger. Every partner has all of them, in each currency.',
  valuesMap: described(ACCOUNT_NAMES, (name) => ACCOUNTS[name].about),
});

export const LedgerAccountType = enumOf(['asset', 'liability', 'revenue', 'expense'] as const);
registerEnumType(LedgerAccountType, {
  name: 'LedgerAccountType',
  description: "What an account is, in the lab's books.",
  valuesMap: {
    ASSET: { description: 'What the lab has, or is owed.' },
    LIABILITY: { description: 'What the lab owes.' },
    REVENUE: { description: 'What the lab earned.' },
    EXPENSE: { description: 'What it cost the lab.' },
  },
});

export const LedgerSide = enumOf(['debit', 'credit'] as const);
registerEnumType(LedgerSide, {
  name: 'LedgerSide',
  description: 'A side of an account.',
  valuesMap: { DEBIT: { description: 'Left.' }, CREDIT: { description: 'Right.' } },
});

const KINDS: Record<PostingKind, string> = {
  accrue_usage: 'Usage of a window of time is earned, before it is billed.',
  finalize_invoice: 'An invoice is due.',
  void_invoice: 'An invoice is taken back as a whole.',
  receive_payment: 'A payment of an invoice came in.',
  apply_payment: 'What was paid beyond what was due pays another invoice.',
  refund: 'Money is given back.',
  credit_note: 'Part of an invoice is taken back.',
  write_off: 'What will not be paid is given up.',
  expire_prepaid: 'What was prepaid and not used is forfeited.',
  accrue_publisher_share: 'A publisher earns its share of what a listing made.',
  pay_publisher: 'A publisher is paid its shares.',
  reversal: 'Another transaction is taken back.',
};
export const LedgerTransactionKind = enumOf(POSTING_KINDS);
registerEnumType(LedgerTransactionKind, {
  name: 'LedgerTransactionKind',
  description: 'What a transaction of the ledger records.',
  valuesMap: described(POSTING_KINDS, (kind) => KINDS[kind]),
});
