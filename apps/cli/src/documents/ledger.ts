import { defineOperation } from '#libs/client';
import { AMOUNT, type Amount, type Connection, PAGE_INFO, type Page } from './shared.js';

export interface LedgerAccount {
  name: string;
  type: string;
  normalSide: string;
  about: string;
  balances: Array<{ balance: Amount; debits: Amount; credits: Amount }>;
}

export interface StatementLine {
  effectiveAt: string;
  recordedAt: string;
  kind: string;
  description: string;
  amount: Amount;
  balance: Amount;
  transaction: { id: string } | null;
}

export interface LedgerStatement extends Connection<StatementLine> {
  account: string;
  organizationId: string;
  opening: Amount;
  closing: Amount;
}

export const LEDGER_ACCOUNTS = defineOperation<{ ledgerAccounts: LedgerAccount[] }, { organizationId?: string }>(
  `query($organizationId: ID) { ledgerAccounts(organizationId: $organizationId) {
    name type normalSide about balances { balance ${AMOUNT} debits ${AMOUNT} credits ${AMOUNT} } } }`,
);

export const LEDGER_STATEMENT = defineOperation<
  { ledgerStatement: LedgerStatement },
  Page & { account: string; currency: string; from: string; to: string; organizationId?: string }
>(
  `query($first: Int, $after: String, $account: LedgerAccountName!, $currency: Currency!, $from: DateTime!, $to: DateTime!,
      $organizationId: ID) {
    ledgerStatement(first: $first, after: $after, account: $account, currency: $currency, from: $from, to: $to,
        organizationId: $organizationId) {
      account organizationId opening ${AMOUNT} closing ${AMOUNT}
      nodes { effectiveAt recordedAt kind description amount ${AMOUNT} balance ${AMOUNT} transaction { id } } ${PAGE_INFO} } }`,
);
