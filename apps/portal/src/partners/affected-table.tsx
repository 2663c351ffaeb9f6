import { useMemo } from 'react';
import { formatCount, words } from '../format';
import { type Column, Table } from '../ui/table';

/** How much of an organization hangs on something that ends. */
export interface Affected {
  organization: { id: string; name: string } | null;
  /** Of what kind: `deployments`, `fine_tunes`. */
  what: string;
  count: number;
}

/** Whom ending something would affect, to be read before it is ended. */
export function AffectedTable({ affected }: { affected: readonly Affected[] }) {
  const rows = useMemo(() => [...affected], [affected]);
  return (
    <div className="flex flex-col gap-1.5">
      <p className="font-medium">Who is affected</p>
      <Table
        compact
        caption="Who is affected"
        columns={COLUMNS}
        rows={rows}
        rowId={({ organization, what }) => `${organization?.id} ${what}`}
      />
    </div>
  );
}

const COLUMNS: ReadonlyArray<Column<Affected>> = [
  { id: 'who', header: 'Organization', wide: true, cell: ({ organization }) => organization?.name ?? 'Unknown' },
  { id: 'what', header: 'What', cell: ({ what }) => words(what) },
  { id: 'count', header: 'How many', numeric: true, cell: ({ count }) => formatCount(count) },
];
