import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import { dueAtOf } from './due-date.js';
import type { InvoiceState, IssuedInvoice } from './invoice.js';

interface InvoiceRow {
  id: string;
  organization_id: string;
  lab_organization_id: string;
  contract_id: string;
  period: number;
  from_at: Date;
  to_at: Date;
  finalizes_at: Date;
  currency: Currency;
  state: InvoiceState;
  number: number | null;
  finalized_at: Date | null;
  payment_days: number;
  document: string | null;
  document_sha256: string | null;
  due_minor: string | null;
  open_minor: string | null;
  close_reason: string | null;
  closed_at: Date | null;
}

/** Those of the own contracts, of either side. */
const SEEN = '(i.organization_id = :organization OR i.lab_organization_id = :organization)';

export type NewInvoice = Pick<
  IssuedInvoice,
  'id' | 'labOrganizationId' | 'contractId' | 'period' | 'from' | 'to' | 'finalizesAt' | 'currency'
>;

/** A draft, in the scope of the partner. */
export async function insertInvoice(tx: Transaction, invoice: NewInvoice, at: Date): Promise<void> {
  await tx.query(
    `INSERT INTO invoices (id, organization_id, lab_organization_id, contract_id, period, from_at, to_at, finalizes_at, currency,
       state, created_at)
     VALUES ($1, :organization, $2, $3, $4, $5, $6, $7, $8, 'draft', $9)`,
    [
      invoice.id,
      invoice.labOrganizationId,
      invoice.contractId,
      invoice.period,
      invoice.from,
      invoice.to,
      invoice.finalizesAt,
      invoice.currency,
      at,
    ],
  );
}

export async function markOpen(tx: Transaction, id: string): Promise<void> {
  await tx.query(`UPDATE invoices SET state = 'open' WHERE id = $1 AND organization_id = :organization`, [id]);
}

export interface Finalization {
  at: Date;
  /** As the version of its period says. */
  paymentDays: number;
  document: string;
  documentSha256: string;
  dueMinor: bigint;
}

/** Takes the lab's next number: from here to the end of the transaction no other invoice of the lab gets one. */
export async function markFinalized(
  tx: Transaction,
  id: string,
  { at, paymentDays, document, documentSha256, dueMinor }: Finalization,
) {
  await tx.query(
    `UPDATE invoices SET state = 'finalized', number = next_invoice_number(id), finalized_at = $2, payment_days = $3,
       document = $4, document_sha256 = $5, due_minor = $6, open_minor = $6
     WHERE id = $1 AND organization_id = :organization`,
    [id, at, paymentDays, document, documentSha256, dueMinor.toString()],
  );
}

/** What is still due; the reasons for which it was closed go with a state that has none. */
export async function markBalance(tx: Transaction, id: string, balance: { state: InvoiceState; openMinor: bigint }) {
  await tx.query(
    `UPDATE invoices SET state = $2, open_minor = $3,
       closed_by = CASE WHEN $4 THEN closed_by END, closed_at = CASE WHEN $4 THEN closed_at END,
       close_reason = CASE WHEN $4 THEN close_reason END
     WHERE id = $1 AND organization_id = :organization`,
    [id, balance.state, balance.openMinor.toString(), balance.state === 'void' || balance.state === 'uncollectible'],
  );
}

/** By the lab. */
export async function markClosed(
  tx: Transaction,
  id: string,
  { state, at, reason }: { state: 'void' | 'uncollectible'; at: Date; reason: string },
): Promise<void> {
  await tx.query(
    `UPDATE invoices SET state = $2, open_minor = 0, closed_by = $3, closed_at = $4, close_reason = $5
     WHERE id = $1 AND lab_organization_id = :organization`,
    [id, state, tx.scope.actor.id, at, reason],
  );
}

export async function findInvoices(tx: Transaction, ids: readonly string[]): Promise<IssuedInvoice[]> {
  const rows = await tx.query<InvoiceRow>(`SELECT i.* FROM invoices i WHERE i.id = ANY($1) AND ${SEEN}`, [[...ids]]);
  return rows.map(toInvoice);
}

export async function lockInvoice(tx: Transaction, id: string): Promise<IssuedInvoice | null> {
  const row = await tx.one<InvoiceRow>(`SELECT i.* FROM invoices i WHERE i.id = $1 AND ${SEEN} FOR UPDATE`, [id]);
  return row && toInvoice(row);
}

/** The contract of each. */
export async function contractsOfInvoices(tx: Transaction, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; contract_id: string }>(
    `SELECT i.id, i.contract_id FROM invoices i WHERE i.id = ANY($1) AND ${SEEN}`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map(({ id, contract_id }) => [id, contract_id]));
}

/** By period. */
export async function invoicesOfContract(tx: Transaction, contractId: string): Promise<IssuedInvoice[]> {
  const rows = await tx.query<InvoiceRow>(
    `SELECT i.* FROM invoices i WHERE i.contract_id = $1 AND ${SEEN} ORDER BY i.period`,
    [contractId],
  );
  return rows.map(toInvoice);
}

export interface InvoiceFilter {
  organizationId?: string;
  contractId?: string;
  state?: InvoiceState;
}

export function listInvoices(tx: Transaction, filter: InvoiceFilter, args: ConnectionArgs) {
  return paginate<InvoiceRow, IssuedInvoice>(tx, {
    from: 'invoices i',
    columns: 'i.*',
    where: [
      SEEN,
      '($1::text IS NULL OR i.organization_id = $1)',
      '($2::text IS NULL OR i.contract_id = $2)',
      '($3::text IS NULL OR i.state = $3)',
    ],
    parameters: [filter.organizationId ?? null, filter.contractId ?? null, filter.state ?? null],
    orderBy: [
      { column: 'i.from_at', type: 'timestamptz' },
      { column: 'i.id', type: 'text' },
    ],
    args,
    map: toInvoice,
  });
}

function toInvoice(row: InvoiceRow): IssuedInvoice {
  const { finalized_at: finalizedAt, payment_days: paymentDays } = row;
  return {
    id: row.id,
    organizationId: row.organization_id,
    labOrganizationId: row.lab_organization_id,
    contractId: row.contract_id,
    period: row.period,
    from: row.from_at,
    to: row.to_at,
    finalizesAt: row.finalizes_at,
    currency: row.currency,
    state: row.state,
    number: row.number,
    finalizedAt,
    paymentDays,
    dueAt: finalizedAt && dueAtOf(finalizedAt, paymentDays),
    document: row.document,
    documentSha256: row.document_sha256,
    dueMinor: row.due_minor === null ? null : BigInt(row.due_minor),
    openMinor: row.open_minor === null ? null : BigInt(row.open_minor),
    closeReason: row.close_reason,
    closedAt: row.closed_at,
  };
}
