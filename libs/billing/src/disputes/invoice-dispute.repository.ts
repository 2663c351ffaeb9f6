import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import type { FinalInvoice } from '../invoices/invoice.js';
import type { DisputeState, InvoiceDispute } from './invoice-dispute.js';

interface DisputeRow {
  id: string;
  invoice_id: string;
  organization_id: string;
  currency: Currency;
  line_id: string;
  amount_minor: string;
  reason: string;
  state: DisputeState;
  opened_at: Date;
  closed_at: Date | null;
  rejection: string | null;
  credit_note_id: string | null;
}

const COLUMNS = 'd.*, i.currency';
const FROM = 'invoice_disputes d JOIN invoices i ON i.id = d.invoice_id AND i.organization_id = d.organization_id';
/** Of invoices of the own contracts, of either side. */
const SEEN = '(d.organization_id = :organization OR d.lab_organization_id = :organization)';

export type NewDispute = Pick<InvoiceDispute, 'id' | 'lineId' | 'amountMinor' | 'reason' | 'openedAt'>;

/** By the partner. False where the line is disputed already. */
export async function insertDispute(tx: Transaction, invoice: FinalInvoice, dispute: NewDispute): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO invoice_disputes (id, invoice_id, organization_id, lab_organization_id, line_id, amount_minor, reason, state,
       opened_by, opened_at)
     VALUES ($1, $2, :organization, $3, $4, $5, $6, 'open', $7, $8)
     ON CONFLICT (line_id) WHERE state = 'open' DO NOTHING RETURNING id`,
    [
      dispute.id,
      invoice.id,
      invoice.labOrganizationId,
      dispute.lineId,
      dispute.amountMinor.toString(),
      dispute.reason,
      tx.scope.actor.id,
      dispute.openedAt,
    ],
  );
  return rows.length > 0;
}

export type DisputeClosing = { at: Date } & (
  | { state: 'credited'; creditNoteId: string }
  | { state: 'rejected'; rejection: string }
);

/** By the lab. */
export async function markClosed(tx: Transaction, ids: readonly string[], closing: DisputeClosing): Promise<void> {
  await tx.query(
    `UPDATE invoice_disputes SET state = $2, closed_by = $3, closed_at = $4, credit_note_id = $5, rejection = $6
     WHERE id = ANY($1) AND lab_organization_id = :organization AND state = 'open'`,
    [
      [...ids],
      closing.state,
      tx.scope.actor.id,
      closing.at,
      closing.state === 'credited' ? closing.creditNoteId : null,
      closing.state === 'rejected' ? closing.rejection : null,
    ],
  );
}

export async function findDisputes(tx: Transaction, ids: readonly string[]): Promise<InvoiceDispute[]> {
  const rows = await tx.query<DisputeRow>(`SELECT ${COLUMNS} FROM ${FROM} WHERE d.id = ANY($1) AND ${SEEN}`, [
    [...ids],
  ]);
  return rows.map(toDispute);
}

export interface DisputeFilter {
  organizationId?: string;
  invoiceId?: string;
  state?: DisputeState;
}

export function listDisputes(tx: Transaction, filter: DisputeFilter, args: ConnectionArgs) {
  return paginate<DisputeRow, InvoiceDispute>(tx, {
    from: FROM,
    columns: COLUMNS,
    where: [
      SEEN,
      '($1::text IS NULL OR d.organization_id = $1)',
      '($2::text IS NULL OR d.invoice_id = $2)',
      '($3::text IS NULL OR d.state = $3)',
    ],
    parameters: [filter.organizationId ?? null, filter.invoiceId ?? null, filter.state ?? null],
    orderBy: [
      { column: 'd.opened_at', type: 'timestamptz' },
      { column: 'd.id', type: 'text' },
    ],
    args,
    map: toDispute,
  });
}

function toDispute(row: DisputeRow): InvoiceDispute {
  return {
    id: row.id,
    invoiceId: row.invoice_id,
    organizationId: row.organization_id,
    currency: row.currency,
    lineId: row.line_id,
    amountMinor: BigInt(row.amount_minor),
    reason: row.reason,
    state: row.state,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    rejection: row.rejection,
    creditNoteId: row.credit_note_id,
  };
}
