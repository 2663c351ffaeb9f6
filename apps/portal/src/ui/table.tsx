import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { classNames } from './class-names';
import { Scroll } from './scroll';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns });

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** By what the rows of this page are put in order; without it the header is no button. */
  sortBy?: (row: Row) => string | number;
  /** Numbers stand right. */
  numeric?: boolean;
  /** Takes what is left of the width. */
  wide?: boolean;
}

interface TableProps<Row> {
  /** What the rows are, for who listens. */
  caption: string;
  columns: ReadonlyArray<Column<Row>>;
  /** The same array for the same rows: see the README on stable data. */
  rows: Row[];
  rowId: (row: Row) => string;
  isSelected?: (row: Row) => boolean;
  /** Less air, for figures beside a chart. */
  compact?: boolean;
  /** Below the row, across the table; null while it shows none. */
  detailsOf?: (row: Row) => ReactNode;
}

type Definition<Row extends object> = ColumnDef<typeof features, Row>;

export function Table<Row extends object>(props: TableProps<Row>) {
  const { caption, columns, rows, rowId, isSelected, compact, detailsOf } = props;
  const table = useTable({
    features,
    columns: columns.map(definitionOf),
    data: rows,
    getRowId: rowId,
    sortDescFirst: false,
  });
  const byId = new Map(columns.map((column) => [column.id, column]));
  const padding = compact ? 'px-2.5 py-1' : 'px-3 py-2';
  return (
    <Scroll label={caption} className="rounded-lg border border-line bg-surface">
      <table className="w-full border-collapse text-left">
        <caption className="sr-only">{caption}</caption>
        <thead className="border-b border-line">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const column = byId.get(header.id);
                const sorted = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    scope="col"
                    aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : undefined}
                    className={classNames(
                      padding,
                      'text-sm font-medium whitespace-nowrap text-ink-faint',
                      column?.numeric && 'text-right',
                      column?.wide && 'w-full',
                    )}
                  >
                    {column?.sortBy ? (
                      <button
                        type="button"
                        onClick={header.column.getToggleSortingHandler()}
                        className={classNames(
                          'inline-flex items-center gap-1 align-middle hover:text-ink',
                          // The mark stands on the side where nothing is aligned.
                          column.numeric && 'flex-row-reverse',
                        )}
                      >
                        {column.header}
                        <SortMark sorted={sorted} />
                      </button>
                    ) : (
                      column?.header
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <Fragment key={row.id}>
              <tr
                data-selected={isSelected?.(row.original) || undefined}
                className="border-b border-line last:border-b-0 hover:bg-sunken/60 data-selected:bg-accent-wash"
              >
                {columns.map((column) => (
                  <td
                    key={column.id}
                    className={classNames(padding, 'align-top', column.numeric && 'text-right whitespace-nowrap')}
                  >
                    {column.cell(row.original)}
                  </td>
                ))}
              </tr>
              <Details columns={columns.length}>{detailsOf?.(row.original)}</Details>
            </Fragment>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Details({ columns, children }: { columns: number; children: ReactNode }) {
  if (!children) return null;
  return (
    <tr className="border-b border-line bg-sunken/60 last:border-b-0">
      <td colSpan={columns} className="px-3 py-2">
        {children}
      </td>
    </tr>
  );
}

function definitionOf<Row extends object>(column: Column<Row>): Definition<Row> {
  return {
    id: column.id,
    header: column.header,
    accessorFn: (row: Row) => column.sortBy?.(row) ?? '',
    enableSorting: column.sortBy !== undefined,
  } as Definition<Row>;
}

function SortMark({ sorted }: { sorted: false | 'asc' | 'desc' }) {
  const Mark = sorted === 'desc' ? ArrowDown : ArrowUp;
  return <Mark aria-hidden className={classNames('size-3.5', !sorted && 'opacity-0')} />;
}
