import type { Contract, PriceRule } from '#libs/contracts';
import { type Currency, formatMinor, formatMoney, type Meter } from '#libs/kernel';
import { sideOf } from '#libs/ledger';
import type { FinalInvoice } from '../invoices/invoice.js';
import { type DetailedLine, describeLine, linesOf } from '../invoices/invoice-postings.js';
import type { Invoice } from '../invoicing/index.js';

/** What is printed of an invoice, in text: its document and what its contract says, and nothing that changes later. */
export interface InvoiceSheet {
  title: string;
  finalizedAt: Date;
  from: string;
  to: string;
  /** Name and value, in the order in which they are read. */
  facts: Array<[name: string, value: string]>;
  lines: SheetLine[];
  totals: Array<[name: string, amount: string]>;
  documentSha256: string;
}

export interface SheetLine {
  description: string;
  quantity: string;
  price: string;
  amount: string;
}

/** The rules of a contract's versions, by the version's number. */
export type RulesByVersion = ReadonlyMap<number, readonly PriceRule[]>;

export function sheetOf(invoice: FinalInvoice, contract: Contract, rules: RulesByVersion): InvoiceSheet {
  const { id, number, currency, document, documentSha256, finalizedAt, dueAt, from, to } = invoice;
  const made: Invoice = JSON.parse(document);
  return {
    title: `Invoice ${number}`,
    finalizedAt,
    from: contract.lab.name,
    to: contract.organization.name,
    facts: [
      ['Invoice date', dateOf(finalizedAt)],
      ['Payable until', dateOf(dueAt)],
      ['Period', `${instantOf(from)} to ${instantOf(to)}`],
      ['Contract', `${contract.name} (${contract.id})`],
      ...(contract.purchaseOrder === null ? [] : [['Purchase order', contract.purchaseOrder] as [string, string]]),
      ['Payment reference', id],
    ],
    lines: linesOf(id, made)
      .filter(({ part }) => part !== 'tax')
      .map((line) => sheetLine(line, currency, rules)),
    totals: totalsOf(made, currency),
    documentSha256,
  };
}

function sheetLine(line: DetailedLine, currency: Currency, rules: RulesByVersion): SheetLine {
  const rule = rules.get(line.version ?? 0)?.find(({ id }) => id === line.ruleId);
  return {
    description: describeLine(line),
    quantity: line.quantity === undefined ? '' : grouped(line.quantity),
    price: line.part === 'usage' && rule ? priceText(rule, currency) : '',
    amount: formatMinor(sideOf(line).addsMinor, currency),
  };
}

/** Before discounts, which are in the line's amount. */
function priceText({ id, meter, price }: PriceRule, currency: Currency): string {
  switch (price.kind) {
    case 'flat':
      return `${formatMoney({ currency, nanos: price.priceNanos })} per ${unitsText(meter, price.perUnits)}`;
    case 'package':
      return `${formatMoney({ currency, nanos: price.priceNanos })} per package of ${grouped(price.packageUnits)}`;
    case 'graduated':
    case 'volume':
      return `${price.kind}, ${price.tiers.length} tiers: rule ${id}`;
  }
}

/** Units that people know by a name. */
const NAMED_UNITS: Partial<Record<Meter, readonly [units: bigint, name: string]>> = {
  gpu_seconds: [3_600n, 'GPU-hour'],
  stored_byte_hours: [730_000_000_000n, 'GB-month'],
};

function unitsText(meter: Meter, units: bigint): string {
  const [named, name] = NAMED_UNITS[meter] ?? [];
  return units === named ? name! : grouped(units);
}

function totalsOf(
  { subtotalMinor, taxMinor, dueMinor, carriedOutMinor }: Invoice,
  currency: Currency,
): Array<[name: string, amount: string]> {
  const amount = (minor: string) => formatMinor(BigInt(minor), currency);
  const carried: Array<[string, string]> =
    carriedOutMinor === '0' ? [] : [['Carried to the next invoice', amount(carriedOutMinor)]];
  return [['Subtotal', amount(subtotalMinor)], ['Tax', amount(taxMinor)], ...carried, ['Due', amount(dueMinor)]];
}

const dateOf = (time: Date) => time.toISOString().slice(0, 10);
const instantOf = (time: Date) => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const grouped = (quantity: bigint) => quantity.toString().replace(/\B(?=(\d{3})+$)/g, ',');
