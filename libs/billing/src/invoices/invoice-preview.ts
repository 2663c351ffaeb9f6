import { findContracts } from '#libs/contracts';
import type { Transaction } from '#platform/database';
import { type Invoice, invoicesOf } from '../invoicing/index.js';
import { accumulate } from './contract-history.js';
import { isFinal } from './invoice.js';
import { invoicesOfContract } from './invoice.repository.js';

/**
 * The earliest invoice of a contract that is not final, made as it will be, of what is known at a time; null before the contract
 * begins, and to who does not see it.
 */
export async function previewInvoice(tx: Transaction, contractId: string, now: Date) {
  const [contract] = await findContracts(tx, [contractId]);
  if (contract?.state !== 'in_force' || contract.startsAt! > now) return null;
  const issued = await invoicesOfContract(tx, contractId);
  const periods = issued.find((invoice) => !isFinal(invoice))?.period ?? (issued.at(-1)?.period ?? 0) + 1;
  const { invoices, unpriced } = invoicesOf(await accumulate(tx, contract, { periods, finalUntil: now }));
  return { contract, invoice: invoices.at(-1) as Invoice, unpriced };
}
