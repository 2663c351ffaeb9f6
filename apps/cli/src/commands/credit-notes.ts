import { amount, minorIn, type WrittenAmount } from '../amount.js';
import { type Commands, integer } from '../commands.js';
import type { Context } from '../context.js';
import {
  CREDIT_NOTES,
  type CreditNote,
  REFUND_CREDIT_NOTE,
  type Refund,
  SHOW_CREDIT_NOTE,
} from '../documents/credit-notes.js';
import { collect } from '../documents/shared.js';
import { notFound } from '../failure.js';
import { formatConstant, formatTime } from '../output/format.js';
import { fields, table } from '../output/table.js';
import type { Style } from '../terminal.js';

interface ListOptions {
  invoice?: string;
  organization?: string;
  limit: number;
}

interface RefundOptions {
  amount?: WrittenAmount;
  reason: string;
}

export function addCreditNoteCommands(commands: Commands): void {
  commands.group('credit-notes', 'Credit notes: what was taken back of invoices, and refunds of it', (group) =>
    group
      .read<ListOptions>(
        'list',
        'List credit notes, newest first',
        listCreditNotes,
        (command) =>
          command
            .option('--invoice <id>', 'of this invoice')
            .option('--organization <id>', 'of this partner; for the lab')
            .option('--limit <count>', 'at most so many', integer(1, 10_000), 50),
        { isDefault: true },
      )
      .read('show <note>', 'Show a credit note and what was refunded of it', showCreditNote)
      .act<RefundOptions>(
        'refund <note>',
        'Give back what was paid of it before, to the payments it came from, the newest first; for the lab',
        refundCreditNote,
        (command) =>
          command
            .requiredOption('--reason <text>', 'why; the partner can read it')
            .option('--amount <amount>', 'such as "12.50 EUR"; all that is still owed if left out', amount),
      ),
  );
}

async function listCreditNotes({ client, out }: Context, options: ListOptions): Promise<void> {
  const { invoice, organization, limit } = options;
  const filter = { invoiceId: invoice, organizationId: organization };
  const ask = async (page: { first: number }) => (await client.run(CREDIT_NOTES, { ...page, ...filter })).creditNotes;
  const notes = await collect(ask, limit);
  out.result(notes, () => {
    if (notes.length === 0) return 'No credit notes.';
    return table(
      notes,
      [
        { title: 'CREDIT NOTE', value: ({ id }) => id },
        { title: 'NUMBER', value: ({ number }) => String(number), align: 'right' },
        { title: 'INVOICE', value: ({ invoice }) => invoice?.id ?? '' },
        { title: 'ISSUED', value: ({ issuedAt }) => formatTime(issuedAt) },
        { title: 'TAKEN BACK', value: ({ total }) => total.display, align: 'right' },
        { title: 'OWED', value: ({ unrefunded }) => unrefunded?.display ?? '', align: 'right' },
        { title: 'FOR', value: ({ reason }) => reason },
      ],
      out.style,
    );
  });
}

async function showCreditNote(context: Context, _: object, id: string): Promise<void> {
  print(context, await findCreditNote(context, id));
}

async function refundCreditNote(context: Context, { amount: asked, reason }: RefundOptions, id: string): Promise<void> {
  const { total } = await findCreditNote(context, id);
  const given = { creditNoteId: id, amountMinor: asked && minorIn(total.currency, asked, 'credit note'), reason };
  const { creditNote } = await context.act(REFUND_CREDIT_NOTE, given);
  print(context, creditNote);
  context.out.note(`The payment provider follows: forkpoint credit-notes show ${id}`);
}

async function findCreditNote({ client }: Context, id: string): Promise<CreditNote> {
  const { node } = await client.run(SHOW_CREDIT_NOTE, { id });
  if (node?.number === undefined) throw notFound('credit note', id);
  return node;
}

function print({ out }: Context, note: CreditNote): void {
  out.result(note, () => {
    const about = fields(
      [
        ['Credit note', out.style.bold(note.id)],
        ['Number', String(note.number)],
        ['Invoice', note.invoice?.id],
        ['Issued', formatTime(note.issuedAt)],
        ['For', note.reason],
        ['Taken back', note.total.display],
        ['Paid before', note.owed?.display ?? 'known in a moment'],
        ['Still owed', note.unrefunded?.display],
      ],
      out.style,
    );
    return note.refunds.length === 0 ? about : `${about}\n\n${refundTable(note.refunds, out.style)}`;
  });
}

function refundTable(refunds: readonly Refund[], style: Style): string {
  return table(
    refunds,
    [
      { title: 'REFUND', value: ({ id }) => id },
      { title: 'OF PAYMENT', value: ({ paymentId }) => paymentId },
      { title: 'ASKED FOR', value: ({ requestedAt }) => formatTime(requestedAt) },
      { title: 'STATE', value: (refund) => stateOf(refund, style) },
      { title: 'AMOUNT', value: ({ amount }) => amount.display, align: 'right' },
      { title: 'FOR', value: ({ reason, failure }) => failure ?? reason },
    ],
    style,
  );
}

function stateOf({ state }: Refund, style: Style): string {
  const paints = { SUCCEEDED: style.green, FAILED: style.red } as const;
  return (paints[state as keyof typeof paints] ?? style.yellow)(formatConstant(state));
}
