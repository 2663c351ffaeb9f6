import { formatCount, formatTokens } from '../../format';
import { type Column, Table } from '../../ui/table';
import type { Figures } from './documents';
import { errorsOf, formatSeconds } from './traffic-figures';

interface RevisionTraffic {
  revisionId: string;
  revision: { number: number } | null;
  traffic: Figures;
}

/** The same time, by who answered: what a switch changed. */
export function TrafficByRevision({ revisions, name }: { revisions: RevisionTraffic[]; name: string }) {
  return (
    <Table
      compact
      caption={`Traffic of ${name} by revision`}
      columns={COLUMNS}
      rows={revisions}
      rowId={({ revisionId }) => revisionId}
    />
  );
}

const COLUMNS: ReadonlyArray<Column<RevisionTraffic>> = [
  {
    id: 'revision',
    header: 'Revision',
    numeric: true,
    cell: ({ revision, revisionId }) => revision?.number ?? revisionId,
  },
  { id: 'calls', header: 'Calls', numeric: true, cell: ({ traffic }) => formatCount(traffic.requests) },
  { id: 'errors', header: 'Errors', numeric: true, cell: ({ traffic }) => formatCount(errorsOf(traffic)) },
  {
    id: 'median',
    header: 'Latency, median',
    numeric: true,
    cell: ({ traffic }) => formatSeconds(traffic.latencySeconds.p50),
  },
  { id: 'most', header: '95%', numeric: true, cell: ({ traffic }) => formatSeconds(traffic.latencySeconds.p95) },
  {
    id: 'first',
    header: 'First token, median',
    numeric: true,
    cell: ({ traffic }) => formatSeconds(traffic.firstTokenSeconds.p50),
  },
  {
    id: 'answers',
    header: 'Answers',
    numeric: true,
    cell: ({ traffic }) => formatTokens(String(traffic.outputTokens)),
  },
];
