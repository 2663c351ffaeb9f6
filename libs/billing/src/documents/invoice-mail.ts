import type { NewMail } from '#libs/identity';
import { formatMinor } from '#libs/kernel';
import type { FinalInvoice } from '../invoices/invoice.js';
import type { InvoiceSheet } from './invoice-sheet.js';

type Text = Pick<NewMail, 'subject' | 'text'>;

/** A period's statement: what is due, and when. Lines and the usage behind them stay on the platform; mail may travel in the clear. */
export function issuedMail(invoice: FinalInvoice, sheet: InvoiceSheet): Text {
  const { id, dueMinor, dueAt } = invoice;
  const asked =
    dueMinor === 0n ? 'nothing to pay' : `${dueOf(invoice)}, payable until ${dueAt.toISOString().slice(0, 10)}`;
  const paragraphs = [
    `${sheet.title} of ${sheet.from} to ${sheet.to}.`,
    sheet.facts.map(([name, value]) => `${name}: ${value}`).join('\n'),
    sheet.totals.map(([name, amount]) => `${name}: ${amount}`).join('\n'),
    `Its lines with the usage behind each, its PDF and the ways to pay are in the portal under Invoices, or by: forkpoint invoices show ${id}`,
  ];
  return { subject: `${sheet.title} of ${sheet.from}: ${asked}`, text: textOf(paragraphs) };
}

/** Of one that payments or credit notes have settled. */
export function paidMail(invoice: FinalInvoice): Text {
  const { id, number } = invoice;
  const paragraphs = [
    `Nothing of invoice ${number} (${dueOf(invoice)}) is open any more. Thank you.`,
    `What settled it is in the portal under Invoices, or by: forkpoint invoices show ${id}`,
  ];
  return { subject: `Invoice ${number} is paid`, text: textOf(paragraphs) };
}

const dueOf = ({ dueMinor, currency }: FinalInvoice) => formatMinor(dueMinor, currency);
const textOf = (paragraphs: readonly string[]) => `${paragraphs.join('\n\n')}\n`;
