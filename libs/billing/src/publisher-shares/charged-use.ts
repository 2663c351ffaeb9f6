import { findContracts, publishersOf } from '#libs/contracts';
import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { creditedByLine } from '../credit-notes/credit-note.js';
import { creditNotesOf } from '../credit-notes/credit-note.repository.js';
import { readAgreement, toAgreement } from '../invoices/contract-history.js';
import { requireFinalInvoice } from '../invoices/final-invoice.js';
import type { FinalInvoice } from '../invoices/invoice.js';
import { type DetailedLine, linesOf } from '../invoices/invoice-postings.js';

/** What a final invoice charges for the use of one listing, as it stands now. */
export interface ChargedUse {
  listingId: string;
  /** The organization whose listing it is. */
  publisherId: string;
  invoiceId: string;
  currency: Currency;
  /** The invoice's period, `[from, to)`. */
  from: Date;
  to: Date;
  finalizedAt: Date;
  /** Less what credit notes took back; nothing once the invoice is void. */
  chargedMinor: bigint;
}

/**
 * By listing, those of which nothing is charged any more too. What credits or a commitment paid is charged all the same, and so is what
 * was never paid: who does not pay the lab owes the lab. In the scope of whoever was invoiced.
 */
export async function chargedUseOf(tx: Transaction, invoiceId: string): Promise<ChargedUse[]> {
  const invoice = await requireFinalInvoice(tx, invoiceId);
  const charged = await chargedByListing(tx, invoice);
  const publishers = await publishersOf(tx, [...charged.keys()]);
  const { currency, from, to, finalizesAt: finalizedAt } = invoice;
  return publishers.map(({ listingId, publisherId }) => {
    const chargedMinor = invoice.state === 'void' ? 0n : charged.get(listingId)!;
    return { listingId, publisherId, invoiceId, currency, from, to, finalizedAt, chargedMinor };
  });
}

async function chargedByListing(tx: Transaction, invoice: FinalInvoice): Promise<ReadonlyMap<string, bigint>> {
  const listingOf = await listingsOfRules(tx, invoice);
  const credited = creditedByLine(await creditNotesOf(tx, invoice.id));
  const charged = new Map<string, bigint>();
  for (const line of linesOf(invoice.id, JSON.parse(invoice.document))) {
    const listingId = listingOf(line);
    if (!listingId) continue;
    const leftMinor = line.amountMinor - credited(line.id);
    charged.set(listingId, (charged.get(listingId) ?? 0n) + leftMinor);
  }
  return charged;
}

/** Which listing the rule names that a line is priced by; null for what is no listing's. */
async function listingsOfRules(tx: Transaction, { contractId, period }: FinalInvoice) {
  const [contract] = await findContracts(tx, [contractId]);
  const { versions } = toAgreement(await readAgreement(tx, contract!, period));
  const key = (version: number, ruleId: string) => JSON.stringify([version, ruleId]);
  const listings = new Map(
    versions.flatMap(({ number, terms }) => terms.prices.map(({ id, match }) => [key(number, id), match.listingId])),
  );
  return ({ version, ruleId }: DetailedLine) =>
    version && ruleId ? (listings.get(key(version, ruleId)) ?? null) : null;
}
