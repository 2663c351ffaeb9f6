import { MINOR_UNIT_DECIMALS } from '#libs/kernel';
import { ACCOUNTS, type JournalRow, organizationsWithBooks, readJournal } from '#libs/ledger';
import type { Transaction } from '#platform/database';
import { contractsOfInvoices } from '../invoices/invoice.repository.js';
import type { BillingExport } from './billing-export.js';
import { type Cell, type Decimal, decimalOf } from './csv.js';

const TRANSACTIONS_AT_A_TIME = 500;

type Posted = JournalRow & { contractId: string | null };

/** As docs/guides/export-usage-and-journal.md tells of them. */
const COLUMNS: Record<string, (row: Posted) => Cell> = {
  organization: ({ organizationId }) => organizationId,
  transaction_id: ({ transactionId }) => transactionId,
  sequence: ({ sequence }) => sequence,
  effective_at: ({ effectiveAt }) => effectiveAt,
  recorded_at: ({ recordedAt }) => recordedAt,
  kind: ({ kind }) => kind,
  account: ({ account }) => account,
  account_type: ({ account }) => ACCOUNTS[account].type,
  revenue: revenueOf,
  debit: (row) => amountOf(row, row.debitMinor),
  credit: (row) => amountOf(row, row.creditMinor),
  currency: ({ currency }) => currency,
  contract: ({ contractId }) => contractId,
  invoice: ({ invoiceId }) => invoiceId,
  description: ({ description }) => description,
};

export const JOURNAL_COLUMNS = Object.keys(COLUMNS);

/** What took effect in a range of time, partner by partner, in the order in which it was recorded. */
export async function* journalCells(tx: Transaction, { partnerId, from, to }: BillingExport): AsyncGenerator<Cell[]> {
  const organizations = partnerId ? [partnerId] : await organizationsWithBooks(tx);
  for (const organizationId of organizations) {
    for await (const rows of journalPages(tx, { organizationId, from, to })) {
      const contracts = await contractsOfInvoices(
        tx,
        rows.flatMap(({ invoiceId }) => invoiceId ?? []),
      );
      for (const row of rows) {
        const posted = { ...row, contractId: contractOf(row, contracts) };
        yield Object.values(COLUMNS).map((cellOf) => cellOf(posted));
      }
    }
  }
}

async function* journalPages(
  tx: Transaction,
  query: { organizationId: string; from: Date; to: Date },
): AsyncGenerator<JournalRow[]> {
  let afterSequence = 0n;
  for (;;) {
    const rows = await readJournal(tx, { ...query, afterSequence, transactions: TRANSACTIONS_AT_A_TIME });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    afterSequence = last.sequence;
  }
}

/** A commitment is named with its contract: `<contract>/<commitment>`. */
function contractOf({ invoiceId, commitmentId }: JournalRow, contracts: ReadonlyMap<string, string>): string | null {
  if (invoiceId) return contracts.get(invoiceId) ?? null;
  return commitmentId?.split('/')[0] ?? null;
}

/** Deferred: what was prepaid and is not earned. Recognized: what is, less what credits and refunds take of it. */
function revenueOf({ account }: Posted): string | null {
  if (account === 'deferred_revenue') return 'deferred';
  return ACCOUNTS[account].type === 'revenue' ? 'recognized' : null;
}

function amountOf({ currency }: Posted, amountMinor: bigint): Decimal | null {
  return amountMinor === 0n ? null : decimalOf(amountMinor, 10n ** BigInt(MINOR_UNIT_DECIMALS[currency]));
}
