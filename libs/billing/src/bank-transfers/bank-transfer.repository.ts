import { newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { IssuedInvoice } from '../invoices/invoice.js';
import type { BankTransfer, ReceivedTransfer } from './bank-transfer.js';

interface Row {
  id: string;
  invoice_id: string;
  organization_id: string;
  reference: string;
  amount_minor: string;
  received_at: Date;
  recorded_at: Date;
  posted_at: Date | null;
}

/** Of invoices of the own contracts, of either side. */
const SEEN = '(t.organization_id = :organization OR t.lab_organization_id = :organization)';

/** Leaves one that is there as it is. In the scope of the lab. */
export async function insertBankTransfer(
  tx: Transaction,
  { id: invoiceId, organizationId, labOrganizationId }: IssuedInvoice,
  { reference, amountMinor, receivedAt }: ReceivedTransfer,
  at: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO bank_transfers (id, invoice_id, organization_id, lab_organization_id, reference, amount_minor, received_at,
       recorded_by, recorded_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (invoice_id, reference) DO NOTHING`,
    [
      newId('btr'),
      invoiceId,
      organizationId,
      labOrganizationId,
      reference,
      amountMinor.toString(),
      receivedAt,
      tx.scope.actor.id,
      at,
    ],
  );
}

/** In the scope of the partner. */
export async function lockBankTransfer(tx: Transaction, id: string): Promise<BankTransfer | null> {
  const row = await tx.one<Row>(
    'SELECT * FROM bank_transfers WHERE id = $1 AND organization_id = :organization FOR UPDATE',
    [id],
  );
  return row && toBankTransfer(row);
}

export async function markPosted(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query('UPDATE bank_transfers SET posted_at = $2 WHERE id = $1 AND organization_id = :organization', [
    id,
    at,
  ]);
}

/** In the order in which they came. */
export async function bankTransfersOf(tx: Transaction, invoiceIds: readonly string[]): Promise<BankTransfer[]> {
  const rows = await tx.query<Row>(
    `SELECT t.* FROM bank_transfers t WHERE t.invoice_id = ANY($1) AND ${SEEN} ORDER BY t.received_at, t.id`,
    [[...invoiceIds]],
  );
  return rows.map(toBankTransfer);
}

function toBankTransfer(row: Row): BankTransfer {
  return {
    id: row.id,
    invoiceId: row.invoice_id,
    organizationId: row.organization_id,
    reference: row.reference,
    amountMinor: BigInt(row.amount_minor),
    receivedAt: row.received_at,
    recordedAt: row.recorded_at,
    postedAt: row.posted_at,
  };
}
