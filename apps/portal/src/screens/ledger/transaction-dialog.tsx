import { useMemo } from 'react';
import { paths } from '../../app';
import { words } from '../../format';
import { BilledAmount, Dialog, Facts, TextLink, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { StatementLine, Transaction } from './documents';

interface TransactionDialogProps {
  line: StatementLine;
  transaction: Transaction;
  onClose: () => void;
}

/** All entries of what moved the account: its debits equal its credits. */
export function TransactionDialog({ line, transaction, onClose }: TransactionDialogProps) {
  const { sequence, recordedAt, entries } = transaction;
  const rows = useMemo(() => [...entries], [entries]);
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={`Transaction ${sequence}: ${words(line.kind).toLowerCase()}`}
      description={line.description}
    >
      <Facts
        columns
        facts={[
          { label: 'Counts from', value: <Time at={line.effectiveAt} style="minute" /> },
          { label: 'Written down', value: <Time at={recordedAt} style="minute" /> },
          { label: 'Invoice', value: <InvoiceLink transaction={transaction} /> },
        ]}
      />
      <Table compact caption="Entries" columns={COLUMNS} rows={rows} rowId={({ account }) => account} />
    </Dialog>
  );
}

/** Nothing for what is about no invoice. */
export function InvoiceLink({ transaction: { links } }: { transaction: Transaction }) {
  const invoice = links.find(({ type }) => type === 'invoice');
  return invoice ? <TextLink to={paths.invoice(invoice.id)}>The invoice</TextLink> : null;
}

type Entry = Transaction['entries'][number];

const COLUMNS: ReadonlyArray<Column<Entry>> = [
  { id: 'account', header: 'Account', wide: true, cell: ({ account }) => words(account) },
  ...(['DEBIT', 'CREDIT'] as const).map((wanted) => ({
    id: wanted,
    header: words(wanted),
    numeric: true,
    cell: ({ side, amount }: Entry) => side === wanted && <BilledAmount amount={amount} />,
  })),
];
