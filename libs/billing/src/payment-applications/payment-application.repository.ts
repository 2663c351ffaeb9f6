import { type Currency, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { IssuedInvoice } from '../invoices/invoice.js';
import type { PaymentApplication } from './payment-application.js';

interface Row {
  id: string;
  invoice_id: string;
  organization_id: string;
  currency: Currency;
  amount_minor: string;
  requested_at: Date;
  applied_minor: string | null;
  posted_at: Date | null;
}

/** Of either side. */
const SEEN = '(a.organization_id = :organization OR a.lab_organization_id = :organization)';

/** Until the end of the transaction nobody else decides on what a partner paid and no invoice used. */
export async function holdUnapplied(tx: Transaction, organizationId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('unapplied_payments:' || $1, 0))`, [organizationId]);
}

/** In the scope of the lab; gives its id. */
export async function insertApplication(
  tx: Transaction,
  { id: invoiceId, organizationId, labOrganizationId, currency }: IssuedInvoice,
  { amountMinor, at }: { amountMinor: bigint; at: Date },
): Promise<string> {
  const id = newId('papp');
  await tx.query(
    `INSERT INTO payment_applications (id, invoice_id, organization_id, lab_organization_id, currency, amount_minor,
       requested_by, requested_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, invoiceId, organizationId, labOrganizationId, currency, amountMinor.toString(), tx.scope.actor.id, at],
  );
  return id;
}

/** In the scope of the partner. */
export async function lockApplication(tx: Transaction, id: string): Promise<PaymentApplication | null> {
  const row = await tx.one<Row>(
    'SELECT * FROM payment_applications WHERE id = $1 AND organization_id = :organization FOR UPDATE',
    [id],
  );
  return row && toApplication(row);
}

export async function markApplied(
  tx: Transaction,
  id: string,
  { appliedMinor, at }: { appliedMinor: bigint; at: Date },
): Promise<void> {
  await tx.query(
    `UPDATE payment_applications SET applied_minor = $2, posted_at = $3
     WHERE id = $1 AND organization_id = :organization`,
    [id, appliedMinor.toString(), at],
  );
}

/** In the order in which they were asked for. */
export async function applicationsOf(tx: Transaction, invoiceIds: readonly string[]): Promise<PaymentApplication[]> {
  const rows = await tx.query<Row>(
    `SELECT a.* FROM payment_applications a WHERE a.invoice_id = ANY($1) AND ${SEEN} ORDER BY a.requested_at, a.id`,
    [[...invoiceIds]],
  );
  return rows.map(toApplication);
}

/** What of a partner is to be applied, though the books don't say so yet. */
export async function requestedApplications(
  tx: Transaction,
  { organizationId, currency }: { organizationId: string; currency: Currency },
): Promise<bigint> {
  const row = await tx.one<{ sum: string }>(
    `SELECT coalesce(sum(a.amount_minor), 0) AS sum FROM payment_applications a
     WHERE a.organization_id = $1 AND a.currency = $2 AND a.posted_at IS NULL AND ${SEEN}`,
    [organizationId, currency],
  );
  return BigInt(row!.sum);
}

function toApplication(row: Row): PaymentApplication {
  return {
    id: row.id,
    invoiceId: row.invoice_id,
    organizationId: row.organization_id,
    currency: row.currency,
    amountMinor: BigInt(row.amount_minor),
    requestedAt: row.requested_at,
    appliedMinor: row.applied_minor === null ? null : BigInt(row.applied_minor),
    postedAt: row.posted_at,
  };
}
