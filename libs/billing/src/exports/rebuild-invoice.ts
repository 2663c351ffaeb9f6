import { type Currency, canonicalJson } from '#libs/kernel';
import { hashOf, type Invoice, invoicesOf, UsageAccumulator } from '../invoicing/index.js';
import { type Difference, differencesOf } from './differences.js';
import { type FiledInvoice, readHistoryFile } from './history-file.js';

export interface RebuiltInvoice {
  currency: Currency;
  /** As the file has it. */
  filed: FiledInvoice;
  /** As its history gives it. */
  made: Invoice;
  /** How many events of usage the file has. */
  events: number;
  /** None: it is the same to the byte. */
  differences: Difference[];
}

/** Makes the invoice of an export again, by nothing but what the file says. Throws HISTORY_FILE_INVALID. */
export async function rebuildInvoice(file: AsyncIterable<Uint8Array>): Promise<RebuiltInvoice> {
  let usage!: UsageAccumulator;
  let filed!: FiledInvoice;
  let events = 0;
  for await (const line of readHistoryFile(file)) {
    if ('agreement' in line) usage = new UsageAccumulator(line.agreement);
    else if ('invoice' in line) filed = line.invoice;
    else {
      usage.add(line.event);
      events += 1;
    }
  }
  const made = invoicesOf(usage).invoices.at(-1)!;
  return { currency: usage.contract.currency, filed, made, events, differences: compare(filed, made) };
}

function compare({ document, documentSha256 }: FiledInvoice, made: Invoice): Difference[] {
  const differences = [...differencesOf(JSON.parse(document), JSON.parse(canonicalJson(made)), 'document')];
  // The same values, written otherwise: other bytes, and another hash.
  if (differences.length === 0) differences.push(...differencesOf(document, canonicalJson(made), 'document'));
  return [...differences, ...differencesOf(documentSha256, hashOf(made), 'documentSha256')];
}
