import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import { type FinalInvoice, type IssuedInvoice, isFinal } from './invoice.js';
import { findInvoices, lockInvoice } from './invoice.repository.js';

/** A final invoice of either side of its contract, as input names it. */
export async function requireFinalInvoice(tx: Transaction, invoiceId: string): Promise<FinalInvoice> {
  const [invoice] = await findInvoices(tx, [invoiceId]);
  return asFinal(invoice, invoiceId);
}

/** The same, which nobody else changes until the end of the transaction. */
export async function holdFinalInvoice(tx: Transaction, invoiceId: string): Promise<FinalInvoice> {
  return asFinal(await lockInvoice(tx, invoiceId), invoiceId);
}

function asFinal(invoice: IssuedInvoice | null | undefined, id: string): FinalInvoice {
  const path = ['invoiceId'];
  if (!invoice) throw BILLING_ERRORS.INVOICE_NOT_FOUND({ id }, { path });
  if (isFinal(invoice)) return invoice;
  throw BILLING_ERRORS.INVOICE_NOT_FINALIZED({ id, state: invoice.state }, { path });
}
