import { InvoiceIssuingService } from '#libs/billing';
import { systemClock } from '#libs/kernel';
import { LedgerReports, LedgerService } from '#libs/ledger';
import { Database } from '#platform/database';
import type { TestDatabase } from './test-environment.js';

/** What the worker does for a contract once a minute: issues each invoice that is due by now. */
export async function issueInvoices(
  testing: TestDatabase,
  contract: { contractId: string; organizationId: string },
): Promise<void> {
  const { app: appUrl, reconciler } = testing.urls;
  const database = await new Database({ appUrl, narrowUrls: { reconciler }, clock: systemClock }).connect();
  try {
    const [ledger, reports] = [new LedgerService(systemClock), new LedgerReports()];
    await new InvoiceIssuingService(database, ledger, reports, systemClock).advance(contract);
  } finally {
    await database.close();
  }
}
