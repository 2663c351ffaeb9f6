import { Injectable } from '@nestjs/common';
import { findContracts, listingOfRule, pricesOfListings, versionsOfContracts, withListings } from '#libs/contracts';
import type { Transaction } from '#platform/database';
import { requireFinalInvoice } from '../invoices/final-invoice.js';
import type { FinalInvoice } from '../invoices/invoice.js';
import { linesOf } from '../invoices/invoice-postings.js';
import { type InvoiceSheet, sheetOf } from './invoice-sheet.js';

/** Final invoices as people file them. */
@Injectable()
export class InvoiceDocumentService {
  /** What is printed of a final invoice, for either side of its contract. */
  async sheet(tx: Transaction, invoiceId: string): Promise<InvoiceSheet & { id: string }> {
    const invoice = await requireFinalInvoice(tx, invoiceId);
    const { id, contractId } = invoice;
    const [contract] = await findContracts(tx, [contractId]);
    const versions = (await versionsOfContracts(tx, [contractId])).get(contractId) ?? [];
    const listings = await pricesOfListings(tx, listingsOn(invoice));
    const rules = new Map(
      versions.map(({ number, terms }) => [number, withListings(terms.prices, listings, invoice.currency)]),
    );
    return { id, ...sheetOf(invoice, contract!, rules) };
  }
}

/** By whose prices it charges. */
function listingsOn({ id, document }: FinalInvoice): string[] {
  const found = linesOf(id, JSON.parse(document)).flatMap(({ ruleId }) =>
    ruleId ? (listingOfRule(ruleId) ?? []) : [],
  );
  return [...new Set(found)];
}
