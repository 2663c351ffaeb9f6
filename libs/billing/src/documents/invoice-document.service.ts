import { Injectable } from '@nestjs/common';
import { findContracts, versionsOfContracts } from '#libs/contracts';
import type { Transaction } from '#platform/database';
import { requireFinalInvoice } from '../invoices/final-invoice.js';
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
    const rules = new Map(versions.map(({ number, terms }) => [number, terms.prices]));
    return { id, ...sheetOf(invoice, contract!, rules) };
  }
}
