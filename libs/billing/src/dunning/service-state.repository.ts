import type { Transaction } from '#platform/database';
import { DUE_AT } from '../invoices/due-date.js';
import type { ServiceState, UnpaidInvoice } from './schedule.js';

export interface StoredServiceState {
  state: ServiceState;
  since: Date;
  /** Because of which invoices. */
  invoiceIds: string[];
}

const COLUMNS = 's.state, s.since, s.invoice_ids AS "invoiceIds"';

/** Nobody else moves the organization until the transaction ends. In its own scope, by the system. */
export async function holdServiceState(tx: Transaction, at: Date): Promise<StoredServiceState> {
  await tx.query(
    `INSERT INTO service_states (organization_id, state, since, invoice_ids) VALUES (:organization, 'current', $1, '{}')
     ON CONFLICT DO NOTHING`,
    [at],
  );
  const row = await tx.one<StoredServiceState>(
    `SELECT ${COLUMNS} FROM service_states s WHERE s.organization_id = :organization FOR UPDATE`,
  );
  return row!;
}

/** Of the own organization, and for the lab of any; null where nothing was ever overdue. */
export function findServiceState(tx: Transaction, organizationId: string): Promise<StoredServiceState | null> {
  return tx.one<StoredServiceState>(
    `SELECT ${COLUMNS} FROM service_states s WHERE s.organization_id = $1 AND ($2 OR s.organization_id = :organization)`,
    [organizationId, tx.scope.kind === 'lab'],
  );
}

export async function saveServiceState(tx: Transaction, { state, since, invoiceIds }: StoredServiceState) {
  await tx.query(
    `UPDATE service_states SET state = $1, since = $2, invoice_ids = $3 WHERE organization_id = :organization`,
    [state, since, invoiceIds],
  );
}

/** Final invoices of a partner of which more is due than it disputes, with the tax on that, for either side. What the lab gave up is not. */
export function unpaidInvoices(tx: Transaction, organizationId: string): Promise<UnpaidInvoice[]> {
  return tx.query<UnpaidInvoice>(
    `SELECT i.id, i.number, ${DUE_AT} AS "dueAt", i.payment_days AS "paymentDays"
     FROM invoices i LEFT JOIN LATERAL (
       SELECT ceil(sum(d.amount_minor) * i.due_minor / (i.due_minor - (i.document::jsonb ->> 'taxMinor')::numeric)) AS minor
       FROM invoice_disputes d WHERE d.invoice_id = i.id AND d.state = 'open'
     ) AS disputed ON true
     WHERE i.organization_id = $1 AND i.state = 'finalized' AND i.open_minor > coalesce(disputed.minor, 0)
       AND (i.organization_id = :organization OR i.lab_organization_id = :organization)`,
    [organizationId],
  );
}
