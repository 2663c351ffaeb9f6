import type { Transaction } from '#platform/database';
import type { IssuedInvoice } from '../invoices/invoice.js';
import type { InvoiceExport } from './invoice-export.js';

interface ExportRow {
  invoice_id: string;
  organization_id: string;
  requested_at: Date;
  ready_at: Date | null;
  bytes: string | null;
  sha256: string | null;
}

/** Of invoices of the own contracts, of either side. */
const SEEN = '(e.organization_id = :organization OR e.lab_organization_id = :organization)';

/** Leaves one that is there as it is. */
export async function insertExport(tx: Transaction, invoice: IssuedInvoice, at: Date): Promise<void> {
  await tx.query(
    `INSERT INTO invoice_exports (invoice_id, organization_id, lab_organization_id, requested_by, requested_at)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [invoice.id, invoice.organizationId, invoice.labOrganizationId, tx.scope.actor.id, at],
  );
}

export interface StoredExport {
  at: Date;
  bytes: number;
  sha256: string;
}

/** By the system, in the scope of the partner. */
export async function markReady(
  tx: Transaction,
  invoiceId: string,
  { at, bytes, sha256 }: StoredExport,
): Promise<void> {
  await tx.query(
    `UPDATE invoice_exports SET ready_at = $2, bytes = $3, sha256 = $4
     WHERE invoice_id = $1 AND organization_id = :organization AND ready_at IS NULL`,
    [invoiceId, at, bytes, sha256],
  );
}

export async function findExports(tx: Transaction, invoiceIds: readonly string[]): Promise<InvoiceExport[]> {
  const rows = await tx.query<ExportRow>(`SELECT e.* FROM invoice_exports e WHERE e.invoice_id = ANY($1) AND ${SEEN}`, [
    [...invoiceIds],
  ]);
  return rows.map((row) => ({
    invoiceId: row.invoice_id,
    organizationId: row.organization_id,
    requestedAt: row.requested_at,
    readyAt: row.ready_at,
    bytes: row.bytes === null ? null : Number(row.bytes),
    sha256: row.sha256,
  }));
}
