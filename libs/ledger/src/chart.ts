import type { MeterKind } from './meters.js';

export type AccountType = 'asset' | 'liability' | 'revenue' | 'expense';
export type Side = 'debit' | 'credit';

interface AccountDefinition {
  type: AccountType;
  /** The side on which it grows. Against its type's usual one it is a contra account: it lessens what the type tells. */
  normalSide: Side;
  /** What its balance says. */
  about: string;
}

const asset = (about: string) => ({ type: 'asset', normalSide: 'debit', about }) as const;
const liability = (about: string) => ({ type: 'liability', normalSide: 'credit', about }) as const;
const revenue = (about: string) => ({ type: 'revenue', normalSide: 'credit', about }) as const;
const contraRevenue = (about: string) => ({ type: 'revenue', normalSide: 'debit', about }) as const;
const expense = (about: string) => ({ type: 'expense', normalSide: 'debit', about }) as const;

/** The chart of accounts: every partner has these, in each currency. In the order in which they are read. */
export const ACCOUNTS = {
  cash_clearing: asset('Money received less money paid out, on its way to or from the bank.'),
  accounts_receivable: asset('What is due on invoices and not yet paid, credited or written off.'),
  unbilled_training: asset('Training that was used and is on no invoice yet.'),
  unbilled_inference: asset('Inference that was used and is on no invoice yet.'),
  unbilled_evaluation: asset('Evaluation that was used and is on no invoice yet.'),
  unbilled_replicas: asset('Dedicated replicas that were used and are on no invoice yet.'),
  unbilled_storage: asset('Storage that was used and is on no invoice yet.'),
  deferred_revenue: liability('Prepaid commitments: bought, and neither used nor forfeited.'),
  customer_credit_balance: liability('Negative totals of invoices, carried to the next one.'),
  unapplied_payments: liability('What was paid beyond what was due, or credited after it was paid.'),
  tax_payable: liability('Tax on invoices, owed to the authorities.'),
  publisher_payable: liability("A publisher's share of what its listings earned, not paid out yet."),
  training_revenue: revenue('Training, after discounts.'),
  inference_revenue: revenue('Inference, after discounts.'),
  evaluation_revenue: revenue('Evaluation, after discounts.'),
  replicas_revenue: revenue('Dedicated replicas, after discounts.'),
  storage_revenue: revenue('Storage, after discounts.'),
  shortfall_revenue: revenue('What minimums and true-ups make up: promised and not used.'),
  overage_revenue: revenue('The surcharge on usage beyond a commitment.'),
  breakage_revenue: revenue('Prepaid and forfeited.'),
  promotional_credits: contraRevenue('Charges that credits paid.'),
  refunds: contraRevenue('Money given back for what stays invoiced.'),
  bad_debt_expense: expense('Receivables that were given up.'),
  publisher_share_expense: expense('What publishers get of what their listings earned.'),
} as const satisfies Record<string, AccountDefinition>;

export type AccountName = keyof typeof ACCOUNTS;
export const ACCOUNT_NAMES = Object.keys(ACCOUNTS) as AccountName[];

export const revenueOf = (kind: MeterKind): AccountName => `${kind}_revenue`;
export const unbilledOf = (kind: MeterKind): AccountName => `unbilled_${kind}`;

/** A sum of debits less credits, as people read the account: above zero on the side on which it grows. */
export function onNormalSide(account: AccountName, debitsLessCreditsMinor: bigint): bigint {
  return ACCOUNTS[account].normalSide === 'debit' ? debitsLessCreditsMinor : -debitsLessCreditsMinor;
}
