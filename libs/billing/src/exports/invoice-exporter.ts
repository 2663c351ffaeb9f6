import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Inject, Injectable } from '@nestjs/common';
import { findContracts } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { BILLING_ERRORS } from '../billing.errors.js';
import { billingScope } from '../billing-scope.js';
import { eventJson, readAgreement, readEvents, toAgreement } from '../invoices/contract-history.js';
import { type FinalInvoice, isFinal } from '../invoices/invoice.js';
import { findInvoices } from '../invoices/invoice.repository.js';
import { hashOf, invoicesOf, UsageAccumulator } from '../invoicing/index.js';
import { agreementLine, eventLine, invoiceLine } from './history-file.js';
import { keyOfExport } from './invoice-export.js';
import { findExports, markReady } from './invoice-export.repository.js';
import { inChunks, LARGEST_BYTES, storeFile } from './stored-file.js';

/** Makes exports. What a final invoice was made from never changes, so that the same bytes come out whenever one is made. */
@Injectable()
export class InvoiceExporter {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async make(organizationId: string, invoiceId: string): Promise<void> {
    const scope = billingScope(organizationId);
    const [asked] = await this.database.read(scope, (tx) => findExports(tx, [invoiceId]));
    if (!asked || asked.readyAt) return;
    const stored = await storeFile(this.store, keyOfExport(asked), {
      limitBytes: LARGEST_BYTES,
      contentType: 'application/gzip',
      write: (file) => this.database.read(scope, (tx) => writeHistory(tx, invoiceId, file)),
    });
    await this.database.transaction(scope, (tx) => markReady(tx, invoiceId, { ...stored, at: this.clock.now() }));
  }
}

async function writeHistory(tx: Transaction, invoiceId: string, file: string): Promise<void> {
  const [invoice] = await findInvoices(tx, [invoiceId]);
  if (!invoice || !isFinal(invoice)) throw BILLING_ERRORS.INVOICE_NOT_FOUND({ id: invoiceId });
  await pipeline(inChunks(historyLines(tx, invoice)), createGzip(), createWriteStream(file));
}

/** Ends in an error where the invoice does not come out of its history: nobody is handed an export that does not rebuild. */
async function* historyLines(tx: Transaction, invoice: FinalInvoice): AsyncGenerator<string> {
  const { id, number, period, finalizesAt, document, documentSha256 } = invoice;
  const contract = (await findContracts(tx, [invoice.contractId]))[0]!;
  const agreement = await readAgreement(tx, contract, period);
  const usage = new UsageAccumulator(toAgreement(agreement));
  yield agreementLine(agreement);
  for await (const event of readEvents(tx, contract, { rules: usage, finalUntil: finalizesAt })) {
    usage.add(event);
    yield eventLine(eventJson(event));
  }
  const made = invoicesOf(usage).invoices.at(-1)!;
  if (hashOf(made) !== documentSha256) throw BILLING_ERRORS.INVOICE_DRIFTED({ id, period });
  yield invoiceLine({ id, number, document, documentSha256 });
}
