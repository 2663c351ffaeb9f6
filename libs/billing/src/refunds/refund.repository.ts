import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { Refund, RefundablePayment, RefundState } from './refund.js';

interface Row {
  id: string;
  credit_note_id: string;
  invoice_id: string;
  organization_id: string;
  lab_organization_id: string;
  provider_payment_id: string;
  provider_refundable_id: string;
  currency: Currency;
  amount_minor: string;
  reason: string;
  state: RefundState;
  requested_at: Date;
  settled_at: Date | null;
  failure: string | null;
}

const FROM = `SELECT r.*, p.provider_refundable_id FROM refunds r
  JOIN payment_receipts p ON p.provider_payment_id = r.provider_payment_id`;
/** Of either side. */
const SEEN = '(r.organization_id = :organization OR r.lab_organization_id = :organization)';

export type NewRefund = Omit<Refund, 'refundableId' | 'state' | 'settledAt' | 'failure'> & { requestedBy: string };

/** By the lab, or by the system in the scope of the partner. The database refuses more than is owed or was paid. */
export async function insertRefund(tx: Transaction, refund: NewRefund): Promise<void> {
  await tx.query(
    `INSERT INTO refunds (id, credit_note_id, invoice_id, organization_id, lab_organization_id, provider_payment_id, currency,
       amount_minor, reason, state, requested_by, requested_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'requested', $10, $11)`,
    [
      refund.id,
      refund.creditNoteId,
      refund.invoiceId,
      refund.organizationId,
      refund.labOrganizationId,
      refund.paymentId,
      refund.currency,
      refund.amountMinor.toString(),
      refund.reason,
      refund.requestedBy,
      refund.requestedAt,
    ],
  );
}

/** Of one invoice, newest first, what is left of each by earlier refunds. What came past the provider can't go back by it. */
export async function refundablePayments(tx: Transaction, invoiceId: string): Promise<RefundablePayment[]> {
  const rows = await tx.query<{ id: string; left: string }>(
    `SELECT p.provider_payment_id AS id, p.amount_minor - coalesce(
       (SELECT sum(r.amount_minor) FROM refunds r WHERE r.provider_payment_id = p.provider_payment_id AND r.state <> 'failed'), 0) AS left
     FROM payment_receipts p
     JOIN invoices i ON i.id = p.invoice_id AND (i.organization_id = :organization OR i.lab_organization_id = :organization)
     WHERE p.invoice_id = $1 AND p.provider_refundable_id IS NOT NULL
     ORDER BY p.paid_at DESC, p.provider_payment_id DESC`,
    [invoiceId],
  );
  return rows.map(({ id, left }) => ({ paymentId: id, leftMinor: BigInt(left) }));
}

/** What was given back of each credit note, or will be. */
export async function refundedOf(tx: Transaction, creditNoteIds: readonly string[]): Promise<(id: string) => bigint> {
  const rows = await tx.query<{ id: string; sum: string }>(
    `SELECT r.credit_note_id AS id, sum(r.amount_minor) AS sum FROM refunds r
     WHERE r.credit_note_id = ANY($1) AND r.state <> 'failed' AND ${SEEN} GROUP BY r.credit_note_id`,
    [[...creditNoteIds]],
  );
  const sums = new Map(rows.map(({ id, sum }) => [id, BigInt(sum)]));
  return (id) => sums.get(id) ?? 0n;
}

/** Of a partner: what it is owed, and is asked for already, though the books don't say so yet. */
export async function requestedMinor(
  tx: Transaction,
  { organizationId, currency }: { organizationId: string; currency: Currency },
): Promise<bigint> {
  const row = await tx.one<{ sum: string }>(
    `SELECT coalesce(sum(r.amount_minor), 0) AS sum FROM refunds r
     WHERE r.organization_id = $1 AND r.currency = $2 AND r.state = 'requested' AND ${SEEN}`,
    [organizationId, currency],
  );
  return BigInt(row!.sum);
}

/** In the order in which they were asked for. */
export async function refundsOf(tx: Transaction, creditNoteIds: readonly string[]): Promise<Refund[]> {
  const rows = await tx.query<Row>(
    `${FROM} WHERE r.credit_note_id = ANY($1) AND ${SEEN} ORDER BY r.requested_at, r.id`,
    [[...creditNoteIds]],
  );
  return rows.map(toRefund);
}

export async function findRefund(tx: Transaction, id: string): Promise<Refund | null> {
  const row = await tx.one<Row>(`${FROM} WHERE r.id = $1 AND ${SEEN}`, [id]);
  return row && toRefund(row);
}

/** Those of an invoice that the provider was asked for and that did not fail, in the scope of the partner. */
export async function sentRefunds(tx: Transaction, invoiceId: string): Promise<Refund[]> {
  const rows = await tx.query<Row>(
    `${FROM} WHERE r.invoice_id = $1 AND r.organization_id = :organization AND r.state IN ('pending', 'succeeded') ORDER BY r.id`,
    [invoiceId],
  );
  return rows.map(toRefund);
}

/** In the scope of the partner. */
export async function lockRefund(tx: Transaction, id: string): Promise<Refund | null> {
  const row = await tx.one<Row>(`${FROM} WHERE r.id = $1 AND r.organization_id = :organization FOR UPDATE OF r`, [id]);
  return row && toRefund(row);
}

export interface Settlement {
  state: RefundState;
  providerRefundId: string | null;
  settledAt: Date | null;
  failure: string | null;
}

/** By the system, in the scope of the partner. */
export async function markRefund(tx: Transaction, id: string, settlement: Settlement): Promise<void> {
  const { state, providerRefundId, settledAt, failure } = settlement;
  await tx.query(
    `UPDATE refunds SET state = $2, provider_refund_id = coalesce(provider_refund_id, $3), settled_at = $4, failure = $5
     WHERE id = $1 AND organization_id = :organization`,
    [id, state, providerRefundId, settledAt, failure],
  );
}

function toRefund(row: Row): Refund {
  return {
    id: row.id,
    creditNoteId: row.credit_note_id,
    invoiceId: row.invoice_id,
    organizationId: row.organization_id,
    labOrganizationId: row.lab_organization_id,
    paymentId: row.provider_payment_id,
    refundableId: row.provider_refundable_id,
    currency: row.currency,
    amountMinor: BigInt(row.amount_minor),
    reason: row.reason,
    state: row.state,
    requestedAt: row.requested_at,
    settledAt: row.settled_at,
    failure: row.failure,
  };
}
