import { useMemo } from 'react';
import { words } from '../../format';
import { EmptyState } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { Change } from './documents';

/** What one document says otherwise than another, clause by clause. */
export function Redline({ changes }: { changes: readonly Change[] }) {
  const rows = useMemo(() => [...changes], [changes]);
  if (rows.length === 0) return <EmptyState title="Both say the same">Nothing differs between the two.</EmptyState>;
  return <Table compact caption="Changes" columns={COLUMNS} rows={rows} rowId={({ path }) => JSON.stringify(path)} />;
}

const COLUMNS: ReadonlyArray<Column<Change>> = [
  { id: 'clause', header: 'Clause', cell: ({ clause }) => words(clause) },
  {
    id: 'path',
    header: 'Where',
    cell: ({ path }) => <span className="font-mono text-sm">{path.join(' › ')}</span>,
  },
  {
    id: 'before',
    header: 'Was',
    cell: ({ before }) =>
      before === null ? (
        <span className="text-ink-faint">Not there</span>
      ) : (
        <del className="block min-w-36 font-mono text-sm break-all text-bad">{before}</del>
      ),
  },
  {
    id: 'after',
    header: 'Is',
    wide: true,
    cell: ({ after }) =>
      after === null ? (
        <span className="text-ink-faint">Not there any more</span>
      ) : (
        <ins className="font-mono text-sm break-all text-ok no-underline">{after}</ins>
      ),
  },
];
