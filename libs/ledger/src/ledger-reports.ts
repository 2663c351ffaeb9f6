import { Injectable } from '@nestjs/common';
import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { ACCOUNT_NAMES, type AccountName, onNormalSide, unbilledOf } from './chart.js';
import { LEDGER_ERRORS } from './ledger.errors.js';
import { METER_KINDS, type MeterKind } from './meters.js';

export interface Balance {
  account: AccountName;
  currency: Currency;
  debitsMinor: bigint;
  creditsMinor: bigint;
  /** Above zero on the side on which the account grows. */
  balanceMinor: bigint;
}

export interface TrialBalance {
  currency: Currency;
  /** Of all accounts with entries, in the order of the chart. */
  balances: Balance[];
  /** Equal to each other, always. */
  debitsMinor: bigint;
  creditsMinor: bigint;
}

export interface BalanceOfOrganization {
  organizationId: string;
  currency: Currency;
  /** Above zero on the side on which the account grows. */
  balanceMinor: bigint;
}

export interface AccountAt {
  organizationId?: string | null;
  account: AccountName;
  currency: Currency;
  /** What took effect before this time; all that is on record if left out. */
  before?: Date | null;
}

/**
 * Balances are not kept: they are summed from the entries each time, from an index that holds all they need. What a scope may
 * ask of: the partner of itself, the lab of everybody.
 */
@Injectable()
export class LedgerReports {
  /** Of all accounts that have entries which took effect before a time, by currency, in the order of the chart. */
  async balances(
    tx: Transaction,
    { organizationId, before }: { organizationId?: string | null; before?: Date | null } = {},
  ): Promise<Balance[]> {
    const rows = await tx.query<BalanceRow>(
      `SELECT e.account, e.currency, ${SUMS} FROM ledger_entries e
       WHERE e.organization_id = $1 AND ($2::timestamptz IS NULL OR e.effective_at < $2) GROUP BY e.account, e.currency`,
      [organizationOf(tx, organizationId), before ?? null],
    );
    return inOrderOfChart(rows.map(balanceOf));
  }

  /** Of all organizations together, by currency: for the lab. */
  async trialBalance(tx: Transaction, { before }: { before?: Date | null } = {}): Promise<TrialBalance[]> {
    if (tx.scope.kind !== 'lab') throw LEDGER_ERRORS.LEDGER_OF_OTHER_ORGANIZATION();
    const rows = await tx.query<BalanceRow>(
      `SELECT e.account, e.currency, ${SUMS} FROM ledger_entries e
       WHERE e.organization_id IN (SELECT o.id FROM organizations o WHERE o.kind = 'partner')
         AND ($1::timestamptz IS NULL OR e.effective_at < $1) GROUP BY e.account, e.currency`,
      [before ?? null],
    );
    return trialBalancesOf(inOrderOfChart(rows.map(balanceOf)));
  }

  /** The same of one organization. */
  async trialBalanceOf(
    tx: Transaction,
    given: { organizationId?: string | null; before?: Date | null } = {},
  ): Promise<TrialBalance[]> {
    return trialBalancesOf(await this.balances(tx, given));
  }

  async balance(tx: Transaction, { organizationId, account, currency, before }: AccountAt): Promise<bigint> {
    const row = await tx.one<{ sum: string }>(
      `SELECT coalesce(sum(e.amount_minor), 0) AS sum FROM ledger_entries e
       WHERE e.organization_id = $1 AND e.account = $2 AND e.currency = $3 AND ($4::timestamptz IS NULL OR e.effective_at < $4)`,
      [organizationOf(tx, organizationId), account, currency, before ?? null],
    );
    return onNormalSide(account, BigInt(row!.sum));
  }

  /** What one account holds, by organization and currency: of all partners for the lab, of itself for a partner. */
  async balancesOfAccount(tx: Transaction, account: AccountName): Promise<BalanceOfOrganization[]> {
    const rows = await tx.query<{ organizationId: string; currency: Currency; sum: string }>(
      `SELECT e.organization_id AS "organizationId", e.currency, sum(e.amount_minor) AS sum FROM ledger_entries e
       WHERE e.account = $1 AND (e.organization_id = :organization
         OR ($2 AND e.organization_id IN (SELECT o.id FROM organizations o WHERE o.kind = 'partner')))
       GROUP BY e.organization_id, e.currency ORDER BY e.organization_id, e.currency`,
      [account, tx.scope.kind === 'lab'],
    );
    return rows.map(({ sum, ...whose }) => ({ ...whose, balanceMinor: onNormalSide(account, BigInt(sum)) }));
  }

  /** What is due on an invoice and not paid, credited or written off. */
  async openReceivable(tx: Transaction, { invoiceId }: { invoiceId: string }): Promise<bigint> {
    const row = await tx.one<{ sum: string }>(
      `SELECT coalesce(sum(e.amount_minor), 0) AS sum FROM ledger_links l
       JOIN ledger_entries e ON e.transaction_id = l.transaction_id AND e.organization_id = l.organization_id
       WHERE l.organization_id = :organization AND l.reference_type = 'invoice' AND l.reference_id = $1
         AND e.account = 'accounts_receivable'`,
      [invoiceId],
    );
    return BigInt(row!.sum);
  }

  /** Which of these payments were taken back, by the ids under which they were received. */
  async reversedPayments(
    tx: Transaction,
    { organizationId, paymentIds }: { organizationId?: string | null; paymentIds: readonly string[] },
  ): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(
      `SELECT l.reference_id AS id FROM ledger_links l
       JOIN ledger_transactions t ON t.id = l.transaction_id AND t.organization_id = l.organization_id
       WHERE l.organization_id = $1 AND l.reference_type = 'payment' AND l.reference_id = ANY($2) AND t.kind = 'reversal'`,
      [organizationOf(tx, organizationId), [...paymentIds]],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** What was accrued in windows that end by a time, and is on no invoice: for the invoice of the period that ends then. */
  async accruedUsage(
    tx: Transaction,
    { currency, until }: { currency: Currency; until: Date },
  ): Promise<Record<MeterKind, bigint>> {
    // An accrual that was taken back counts as of its window, as if it had not been.
    const rows = await tx.query<{ account: AccountName; sum: string }>(
      `SELECT e.account, sum(e.amount_minor) AS sum FROM ledger_entries e
       JOIN ledger_transactions t ON t.id = e.transaction_id AND t.organization_id = e.organization_id
       LEFT JOIN ledger_transactions o ON o.id = t.reverses_transaction_id AND o.organization_id = t.organization_id
       WHERE e.organization_id = :organization AND e.account = ANY($1) AND e.currency = $2
         AND NOT (coalesce(o.kind, t.kind) = 'accrue_usage' AND coalesce(o.effective_at, t.effective_at) >= $3)
       GROUP BY e.account`,
      [METER_KINDS.map(unbilledOf), currency, until],
    );
    return byKind(rows);
  }

  /** What was accrued of one period of a contract, and when last; null: never. */
  async accruedOf(
    tx: Transaction,
    { contractPeriod, currency }: { contractPeriod: string; currency: Currency },
  ): Promise<{ amounts: Record<MeterKind, bigint>; lastRecordedAt: Date | null }> {
    const rows = await tx.query<{ account: AccountName; sum: string; last: Date }>(
      `SELECT e.account, sum(e.amount_minor) AS sum, max(t.recorded_at) AS last FROM ledger_links l
       JOIN ledger_entries e ON e.transaction_id = l.transaction_id AND e.organization_id = l.organization_id
       JOIN ledger_transactions t ON t.id = l.transaction_id AND t.organization_id = l.organization_id
       WHERE l.organization_id = :organization AND l.reference_type = 'contract_period' AND l.reference_id = $1
         AND e.account = ANY($2) AND e.currency = $3
       GROUP BY e.account`,
      [contractPeriod, METER_KINDS.map(unbilledOf), currency],
    );
    const times = rows.map(({ last }) => last.getTime());
    return { amounts: byKind(rows), lastRecordedAt: times.length > 0 ? new Date(Math.max(...times)) : null };
  }
}

function byKind(rows: ReadonlyArray<{ account: AccountName; sum: string }>): Record<MeterKind, bigint> {
  const sums = new Map(rows.map(({ account, sum }) => [account, BigInt(sum)]));
  const of = (kind: MeterKind) => [kind, sums.get(unbilledOf(kind)) ?? 0n] as const;
  return Object.fromEntries(METER_KINDS.map(of)) as Record<MeterKind, bigint>;
}

/** The organization whose books are asked for: the own one, or any for the lab. */
export function organizationOf({ scope }: Transaction, organizationId?: string | null): string {
  if (!organizationId || organizationId === scope.organizationId) return scope.organizationId;
  if (scope.kind !== 'lab') throw LEDGER_ERRORS.LEDGER_OF_OTHER_ORGANIZATION({ path: ['organizationId'] });
  return organizationId;
}

const SUMS = `coalesce(sum(e.amount_minor) FILTER (WHERE e.amount_minor > 0), 0) AS debits,
  coalesce(-sum(e.amount_minor) FILTER (WHERE e.amount_minor < 0), 0) AS credits`;

interface BalanceRow {
  account: AccountName;
  currency: Currency;
  debits: string;
  credits: string;
}

function balanceOf({ account, currency, debits, credits }: BalanceRow): Balance {
  const [debitsMinor, creditsMinor] = [BigInt(debits), BigInt(credits)];
  return {
    account,
    currency,
    debitsMinor,
    creditsMinor,
    balanceMinor: onNormalSide(account, debitsMinor - creditsMinor),
  };
}

function inOrderOfChart(balances: readonly Balance[]): Balance[] {
  const place = new Map(ACCOUNT_NAMES.map((account, position) => [account, position]));
  return balances.toSorted(
    (one, other) => one.currency.localeCompare(other.currency) || place.get(one.account)! - place.get(other.account)!,
  );
}

function trialBalancesOf(balances: readonly Balance[]): TrialBalance[] {
  const sum = (some: readonly Balance[], of: (balance: Balance) => bigint) =>
    some.reduce((total, balance) => total + of(balance), 0n);
  return [...Map.groupBy(balances, ({ currency }) => currency)].map(([currency, some]) => ({
    currency,
    balances: some,
    debitsMinor: sum(some, ({ debitsMinor }) => debitsMinor),
    creditsMinor: sum(some, ({ creditsMinor }) => creditsMinor),
  }));
}
