import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate, paginateMany } from '#platform/graphql';
import type { FinalInvoice } from '../invoices/invoice.js';
import type { CreditNote, CreditNoteDocument } from './credit-note.js';

interface CreditNoteRow {
  id: string;
  invoice_id: string;
  organization_id: string;
  document: string;
  document_sha256: string;
  refunds_paid: boolean;
  issued_by: string;
  issued_at: Date;
  posted_at: Date | null;
  paid_minor: string | null;
}

/** Of invoices of the own contracts, of either side. */
const SEEN = '(c.organization_id = :organization OR c.lab_organization_id = :organization)';

/** One transaction at a time credits or disputes lines of an invoice: either side may hold it, and the row only the lab and the system. */
export async function holdCredits(tx: Transaction, invoiceId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('invoice_credits:' || $1, 0))`, [invoiceId]);
}

/** The lab's next one. From here to the end of the transaction nobody else of the lab gets a number. */
export async function nextCreditNoteNumber(tx: Transaction): Promise<number> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('credit_note_number:' || :organization, 0))`);
  const row = await tx.one<{ number: number }>(
    'SELECT coalesce(max(number), 0) + 1 AS number FROM credit_notes WHERE lab_organization_id = :organization',
  );
  return row!.number;
}

export type NewCreditNote = Pick<
  CreditNote,
  'id' | 'number' | 'document' | 'documentSha256' | 'totalMinor' | 'refundsPaid' | 'issuedAt'
>;

/** By the lab. */
export async function insertCreditNote(tx: Transaction, invoice: FinalInvoice, note: NewCreditNote): Promise<void> {
  await tx.query(
    `INSERT INTO credit_notes (id, invoice_id, organization_id, lab_organization_id, number, document, document_sha256,
       total_minor, refunds_paid, issued_by, issued_at)
     VALUES ($1, $2, $3, :organization, $4, $5, $6, $7, $8, $9, $10)`,
    [
      note.id,
      invoice.id,
      invoice.organizationId,
      note.number,
      note.document,
      note.documentSha256,
      note.totalMinor.toString(),
      note.refundsPaid,
      tx.scope.actor.id,
      note.issuedAt,
    ],
  );
}

/** By the system, in the scope of the partner. */
export async function markPosted(
  tx: Transaction,
  id: string,
  { at, paidMinor }: { at: Date; paidMinor: bigint },
): Promise<void> {
  await tx.query(
    `UPDATE credit_notes SET posted_at = $2, paid_minor = $3
     WHERE id = $1 AND organization_id = :organization AND posted_at IS NULL`,
    [id, at, paidMinor.toString()],
  );
}

export async function findCreditNotes(tx: Transaction, ids: readonly string[]): Promise<CreditNote[]> {
  const rows = await tx.query<CreditNoteRow>(`SELECT c.* FROM credit_notes c WHERE c.id = ANY($1) AND ${SEEN}`, [
    [...ids],
  ]);
  return rows.map(toCreditNote);
}

/** In the order in which they were issued. */
export async function creditNotesOf(tx: Transaction, invoiceId: string): Promise<CreditNote[]> {
  const rows = await tx.query<CreditNoteRow>(
    `SELECT c.* FROM credit_notes c WHERE c.invoice_id = $1 AND ${SEEN} ORDER BY c.number`,
    [invoiceId],
  );
  return rows.map(toCreditNote);
}

export interface CreditNoteFilter {
  organizationId?: string;
  invoiceId?: string;
}

export function listCreditNotes(tx: Transaction, filter: CreditNoteFilter, args: ConnectionArgs) {
  return paginate<CreditNoteRow, CreditNote>(tx, {
    ...page(args),
    where: [SEEN, '($1::text IS NULL OR c.organization_id = $1)', '($2::text IS NULL OR c.invoice_id = $2)'],
    parameters: [filter.organizationId ?? null, filter.invoiceId ?? null],
  });
}

/** A page of each invoice's. */
export function listCreditNotesOf(tx: Transaction, invoiceIds: readonly string[], args: ConnectionArgs) {
  return paginateMany<CreditNoteRow, CreditNote>(tx, invoiceIds, 'c.invoice_id', { ...page(args), where: [SEEN] });
}

function page(args: ConnectionArgs) {
  return {
    from: 'credit_notes c',
    columns: 'c.*',
    orderBy: [
      { column: 'c.issued_at', type: 'timestamptz' as const },
      { column: 'c.id', type: 'text' as const },
    ],
    args,
    map: toCreditNote,
  };
}

function toCreditNote(row: CreditNoteRow): CreditNote {
  const { number, currency, reason, lines, totalMinor }: CreditNoteDocument = JSON.parse(row.document);
  return {
    id: row.id,
    invoiceId: row.invoice_id,
    organizationId: row.organization_id,
    currency,
    number,
    reason,
    lines: lines.map(({ lineId, amountMinor }) => ({ lineId, amountMinor: BigInt(amountMinor) })),
    document: row.document,
    documentSha256: row.document_sha256,
    totalMinor: BigInt(totalMinor),
    refundsPaid: row.refunds_paid,
    issuedBy: row.issued_by,
    issuedAt: row.issued_at,
    postedAt: row.posted_at,
    paidMinor: row.paid_minor === null ? null : BigInt(row.paid_minor),
  };
}
