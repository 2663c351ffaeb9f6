import type { Transaction } from '#platform/database';
import type { PayableInvoice, ProviderInvoice, ProviderPayment } from './payment-provider.js';
import type { PaymentState } from './payment-state.js';

/** An invoice that was handed to the provider. */
export interface PaymentInvoice extends PaymentState {
  invoiceId: string;
  providerInvoiceId: string;
  currency: string;
  dueMinor: bigint;
  hostedUrl: string | null;
  issuedAt: Date;
}

interface Row {
  invoice_id: string;
  provider_invoice_id: string;
  currency: string;
  due_minor: string;
  status: PaymentState['status'];
  paid_minor: string;
  attempts: number;
  hosted_url: string | null;
  issued_at: Date;
}

const COLUMNS =
  'invoice_id, provider_invoice_id, currency, due_minor, status, paid_minor, attempts, hosted_url, issued_at';

const paymentInvoiceOf = (row: Row): PaymentInvoice => ({
  invoiceId: row.invoice_id,
  providerInvoiceId: row.provider_invoice_id,
  currency: row.currency,
  dueMinor: BigInt(row.due_minor),
  status: row.status,
  paidMinor: BigInt(row.paid_minor),
  attempts: row.attempts,
  hostedUrl: row.hosted_url,
  issuedAt: row.issued_at,
});

export async function findCustomer(tx: Transaction): Promise<string | null> {
  const row = await tx.one<{ id: string }>(
    'SELECT provider_customer_id AS id FROM payment_customers WHERE organization_id = :organization',
  );
  return row?.id ?? null;
}

export async function saveCustomer(tx: Transaction, customerId: string, now: Date): Promise<void> {
  await tx.query(
    `INSERT INTO payment_customers (organization_id, provider_customer_id, created_at) VALUES (:organization, $1, $2)
     ON CONFLICT (organization_id) DO NOTHING`,
    [customerId, now],
  );
}

export async function saveInvoice(
  tx: Transaction,
  { id, currency, dueMinor }: PayableInvoice,
  { id: providerInvoiceId, status, paidMinor, attempts, hostedUrl }: ProviderInvoice,
  now: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO payment_invoices (organization_id, ${COLUMNS}) VALUES (:organization, $1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (invoice_id) DO NOTHING`,
    [id, providerInvoiceId, currency, dueMinor.toString(), status, paidMinor.toString(), attempts, hostedUrl, now],
  );
}

export async function findInvoice(tx: Transaction, invoiceId: string): Promise<PaymentInvoice | null> {
  const row = await tx.one<Row>(
    `SELECT ${COLUMNS} FROM payment_invoices WHERE invoice_id = $1 AND organization_id = :organization`,
    [invoiceId],
  );
  return row && paymentInvoiceOf(row);
}

/** Whether a provider collects an invoice; for either side of it. */
export async function isHandedOver(tx: Transaction, invoiceId: string): Promise<boolean> {
  return (await tx.one('SELECT 1 FROM payment_invoices WHERE invoice_id = $1', [invoiceId])) !== null;
}

/** Where invoices of the own organization are paid, by their ids. */
export async function paymentPagesOf(tx: Transaction, invoiceIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; url: string }>(
    `SELECT invoice_id AS id, hosted_url AS url FROM payment_invoices
     WHERE invoice_id = ANY($1) AND organization_id = :organization AND hosted_url IS NOT NULL`,
    [[...invoiceIds]],
  );
  return new Map(rows.map(({ id, url }) => [id, url]));
}

export async function lockInvoice(tx: Transaction, providerInvoiceId: string): Promise<PaymentInvoice | null> {
  const row = await tx.one<Row>(
    `SELECT ${COLUMNS} FROM payment_invoices WHERE provider_invoice_id = $1 AND organization_id = :organization FOR UPDATE`,
    [providerInvoiceId],
  );
  return row && paymentInvoiceOf(row);
}

export async function updateState(
  tx: Transaction,
  invoiceId: string,
  { status, paidMinor, attempts, hostedUrl }: PaymentState & { hostedUrl: string | null },
): Promise<void> {
  await tx.query(
    `UPDATE payment_invoices SET status = $2, paid_minor = $3, attempts = $4, hosted_url = coalesce($5, hosted_url)
     WHERE invoice_id = $1 AND organization_id = :organization`,
    [invoiceId, status, paidMinor.toString(), attempts, hostedUrl],
  );
}

/** False when it is on record already. */
export async function recordReceipt(
  tx: Transaction,
  invoiceId: string,
  { id, refundableId, amountMinor, paidAt }: ProviderPayment,
  now: Date,
): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO payment_receipts (provider_payment_id, organization_id, invoice_id, amount_minor, paid_at, recorded_at, provider_refundable_id)
     VALUES ($1, :organization, $2, $3, $4, $5, $6) ON CONFLICT (provider_payment_id) DO NOTHING RETURNING provider_payment_id`,
    [id, invoiceId, amountMinor.toString(), paidAt, now, refundableId],
  );
  return rows.length > 0;
}
