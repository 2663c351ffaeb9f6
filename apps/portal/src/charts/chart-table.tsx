import { useMemo, useState } from 'react';
import { Button } from '../ui';
import { type Column, Table } from '../ui/table';
import type { Axis } from './plot-options';
import type { Aligned, Series } from './series';

const ROWS = 25;

interface Row {
  index: number;
}

interface ChartTableProps {
  caption: string;
  series: readonly Series[];
  data: Aligned;
  /** The part of the axis in view; null for all of it. */
  view: [number, number] | null;
  x: Axis;
  y: Axis;
}

/** The twin of a chart: every point of what is in view, in pages. */
export function ChartTable({ caption, series, data, view, x, y }: ChartTableProps) {
  const [page, setPage] = useState(0);
  const xs = data[0];
  const indices = useMemo(
    () => [...xs.keys()].filter((index) => !view || ((xs[index] ?? 0) >= view[0] && (xs[index] ?? 0) <= view[1])),
    [xs, view],
  );
  const pages = Math.max(1, Math.ceil(indices.length / ROWS));
  const shown = Math.min(page, pages - 1);
  const rows = useMemo(
    () => indices.slice(shown * ROWS, (shown + 1) * ROWS).map((index): Row => ({ index })),
    [indices, shown],
  );
  const columns: Array<Column<Row>> = [
    { id: 'x', header: x.label, numeric: true, cell: ({ index }) => x.format(xs[index] ?? 0) },
    ...series.map(
      (one, place): Column<Row> => ({
        id: one.id,
        header: one.label,
        numeric: true,
        cell: ({ index }) => {
          const value = data[place + 1]?.[index];
          return typeof value === 'number' ? y.format(value) : '–';
        },
      }),
    ),
  ];
  return (
    <div className="flex flex-col gap-2">
      <Table compact caption={caption} columns={columns} rows={rows} rowId={({ index }) => String(index)} />
      {pages > 1 && (
        <nav aria-label={`Pages of ${caption}`} className="flex items-center justify-end gap-2 text-sm text-ink-soft">
          Page {shown + 1} of {pages}
          <Button small disabled={shown === 0} onClick={() => setPage(shown - 1)}>
            Previous
          </Button>
          <Button small disabled={shown === pages - 1} onClick={() => setPage(shown + 1)}>
            Next
          </Button>
        </nav>
      )}
    </div>
  );
}
