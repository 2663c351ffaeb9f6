import { pollUntil, RefusedError } from '#libs/client';
import { amount, minorIn, type WrittenAmount } from '../amount.js';
import { type Commands, integer, moment } from '../commands.js';
import type { Context } from '../context.js';
import {
  APPLY_UNAPPLIED,
  EXPORT_INVOICE,
  INVOICES,
  type Invoice,
  type InvoiceLine,
  PREVIEW_INVOICE,
  RECORD_TRANSFER,
  SHOW_INVOICE,
  type ShownInvoice,
} from '../documents/invoices.js';
import { collect } from '../documents/shared.js';
import { download } from '../download.js';
import { notFound } from '../failure.js';
import { formatConstant, formatInteger, formatTime, toConstant } from '../output/format.js';
import { fields, table } from '../output/table.js';
import type { Style } from '../terminal.js';

interface ListOptions {
  contract?: string;
  organization?: string;
  state?: string;
  limit: number;
}

interface TransferOptions {
  amount: WrittenAmount;
  reference: string;
  received: Date;
}

interface ApplyOptions {
  amount?: WrittenAmount;
}

interface FileOptions {
  out?: string;
}

export function addInvoiceCommands(commands: Commands): void {
  commands.group('invoices', 'Invoices: what is due, why, and how to pay it', (group) =>
    group
      .read<ListOptions>(
        'list',
        'List invoices, newest first',
        listInvoices,
        (command) =>
          command
            .option('--contract <id>', 'of this contract')
            .option('--organization <id>', 'of this partner; for the lab')
            .option('--state <state>', 'such as finalized or paid')
            .option('--limit <count>', 'at most so many', integer(1, 10_000), 50),
        { isDefault: true },
      )
      .read('show <invoice>', 'Show an invoice and its lines', showInvoice)
      .read('preview <contract>', 'What the period that is under way would come to by now', previewInvoice)
      .read('pay-link <invoice>', 'Print where an invoice can be paid', printPayLink)
      .read<FileOptions>('pdf <invoice>', 'Fetch a final invoice as PDF', fetchPdf, (command) =>
        command.option('--out <path>', 'where to; <invoice>.pdf if left out'),
      )
      .act<FileOptions>(
        'export <invoice>',
        'Fetch the history that a final invoice follows from: npm run invoice:rebuild makes it again, offline',
        exportInvoice,
        (command) => command.option('--out <path>', 'where to; <invoice>.jsonl.gz if left out'),
      )
      .act<TransferOptions>(
        'transfer <invoice>',
        'Enter money for an invoice that came by bank transfer; for the lab',
        recordTransfer,
        (command) =>
          command
            .requiredOption(
              '--amount <amount>',
              'such as "12.50 EUR"; what is beyond what is open stays unapplied',
              amount,
            )
            .requiredOption('--reference <text>', 'as the bank statement names it: the same again is the same transfer')
            .requiredOption('--received <time>', 'when it came', moment),
      )
      .act<ApplyOptions>(
        'apply <invoice>',
        'Pay an invoice with what its partner paid beyond what was due elsewhere; for the lab',
        applyUnapplied,
        (command) =>
          command.option('--amount <amount>', 'such as "12.50 EUR"; as much as there is if left out', amount),
      ),
  );
}

async function listInvoices({ client, out }: Context, options: ListOptions): Promise<void> {
  const { contract, organization, state, limit } = options;
  const filter = { contractId: contract, organizationId: organization, state: state && toConstant(state) };
  const invoices = await collect(async (page) => (await client.run(INVOICES, { ...page, ...filter })).invoices, limit);
  out.result(invoices, () => {
    if (invoices.length === 0) return 'No invoices.';
    return table(
      invoices,
      [
        { title: 'INVOICE', value: ({ id }) => id },
        { title: 'NUMBER', value: ({ number }) => String(number ?? ''), align: 'right' },
        { title: 'CONTRACT', value: ({ contract }) => contract?.name ?? '' },
        { title: 'FROM', value: ({ from }) => formatTime(from) },
        { title: 'TO', value: ({ to }) => formatTime(to) },
        { title: 'STATE', value: (invoice) => stateOf(invoice, out.style) },
        { title: 'DUE', value: ({ due }) => due?.display ?? '', align: 'right' },
        { title: 'OPEN', value: ({ open }) => open?.display ?? '', align: 'right' },
      ],
      out.style,
    );
  });
}

async function showInvoice(context: Context, _: object, id: string): Promise<void> {
  const { out } = context;
  const invoice = await findInvoice(context, id);
  out.result(invoice, () => {
    const about = fields(
      [
        ['Invoice', out.style.bold(invoice.id)],
        ['Number', invoice.number === null ? null : String(invoice.number)],
        ['Contract', invoice.contract?.name],
        ['Period', `${formatTime(invoice.from)} to ${formatTime(invoice.to)}`],
        ['State', stateOf(invoice, out.style)],
        ['Closed for', invoice.closeReason],
        ['Final', formatTime(invoice.finalizedAt ?? invoice.finalizesAt)],
        ['Payable until', invoice.dueAt && formatTime(invoice.dueAt)],
        ['Due', invoice.due?.display],
        ['Open', invoice.open?.display],
        ['Unapplied payments', isZero(invoice.unapplied) ? null : invoice.unapplied.display],
        ['SHA-256', invoice.documentSha256],
        ['Pay at', invoice.paymentUrl],
      ],
      out.style,
    );
    return `${about}\n\n${lineTable(invoice.lines, out.style)}`;
  });
}

async function previewInvoice({ client, out }: Context, _: object, contractId: string): Promise<void> {
  const { invoicePreview: preview } = await client.run(PREVIEW_INVOICE, { contractId });
  out.result(preview, () => {
    if (!preview) return 'Nothing is to be invoiced: the contract is not in force, or its term is over.';
    const missing = preview.unpriced > 0 ? out.style.yellow(`\nWithout a price: ${preview.unpriced} counts`) : '';
    const span = out.style.dim(`from ${formatTime(preview.from)}, final at ${formatTime(preview.finalizesAt)}`);
    return `${lineTable(preview.lines, out.style)}\n\nDue by now ${out.style.bold(preview.due.display)} ${span}${missing}`;
  });
}

async function printPayLink(context: Context, _: object, id: string): Promise<void> {
  const { paymentUrl, state } = await findInvoice(context, id);
  if (!paymentUrl)
    throw new RefusedError(
      'NO_PAYMENT_LINK',
      `${id} is ${formatConstant(state)} and has no page to pay at: one that is due gets it when the payment provider knows of it.`,
    );
  context.out.result({ paymentUrl }, () => paymentUrl);
}

async function fetchPdf(context: Context, { out: path }: FileOptions, id: string): Promise<void> {
  const url = `${context.access.origin}/v1/invoices/${encodeURIComponent(id)}/pdf`;
  const request = { url, headers: context.client.headers() };
  await download(context, { request, path: path ?? `${id}.pdf`, sha256: null });
}

/** Asks for the file, waits until it is made, fetches it, and holds it to its hash. */
async function exportInvoice(context: Context, { out: path }: FileOptions, id: string): Promise<void> {
  await context.act(EXPORT_INVOICE, { invoiceId: id });
  context.out.status('The file is made');
  const { export: made } = await pollUntil(() => findInvoice(context, id), {
    until: (invoice) => Boolean(invoice.export?.file),
    what: `the file of ${id}`,
  });
  const { file, sha256 } = made!;
  await download(context, { request: file!, path: path ?? `${id}.jsonl.gz`, sha256 });
  context.out.note('Make the invoice again from it, offline, in a checkout: npm run invoice:rebuild -- <file>');
}

async function recordTransfer(context: Context, options: TransferOptions, invoiceId: string): Promise<void> {
  const { reference, received, amount: came } = options;
  const { currency } = await findInvoice(context, invoiceId);
  const amountMinor = minorIn(currency, came, 'invoice');
  const receivedAt = received.toISOString();
  const { invoice } = await context.act(RECORD_TRANSFER, { invoiceId, amountMinor, reference, receivedAt });
  context.out.result(invoice, () => `The transfer ${reference} is on record; the books follow: ${showOf(invoiceId)}`);
}

async function applyUnapplied(context: Context, { amount: asked }: ApplyOptions, invoiceId: string): Promise<void> {
  const { currency } = await findInvoice(context, invoiceId);
  const amountMinor = asked && minorIn(currency, asked, 'invoice');
  const { invoice } = await context.act(APPLY_UNAPPLIED, { invoiceId, amountMinor });
  const sum = invoice.paymentApplications.at(-1)!.amount.display;
  context.out.result(invoice, () => `${sum} are applied; the books follow: ${showOf(invoiceId)}`);
}

const isZero = ({ minor }: { minor: string }) => minor === '0';
const showOf = (invoiceId: string) => `forkpoint invoices show ${invoiceId}`;

async function findInvoice({ client }: Context, id: string): Promise<ShownInvoice> {
  const { node } = await client.run(SHOW_INVOICE, { id });
  if (node?.period === undefined) throw notFound('invoice', id);
  return node;
}

function lineTable(lines: readonly InvoiceLine[], style: Style): string {
  if (lines.length === 0) return 'No lines.';
  return table(
    lines,
    [
      { title: 'FOR', value: ({ part }) => formatConstant(part) },
      { title: 'OF', value: ({ meter }) => formatConstant(meter) },
      { title: 'PROJECT', value: ({ projectId }) => projectId ?? '' },
      { title: 'BY', value: ({ ruleId, commitmentId, grantId }) => ruleId ?? commitmentId ?? grantId ?? '' },
      { title: 'QUANTITY', value: ({ quantity }) => formatInteger(quantity), align: 'right' },
      { title: 'AMOUNT', value: ({ amount }) => amount.display, align: 'right' },
    ],
    style,
  );
}

function stateOf({ state }: Invoice, style: Style): string {
  const paints = { PAID: style.green, FINALIZED: style.yellow, UNCOLLECTIBLE: style.red } as const;
  return (paints[state as keyof typeof paints] ?? style.dim)(formatConstant(state));
}
