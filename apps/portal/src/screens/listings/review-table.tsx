import { useMemo } from 'react';
import { formatPercent } from '../../format';
import { Section, Status, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { Listing } from './documents';

type Review = Listing['reviews'][number];

/** What the lab decided, between it and the publisher. */
export function ReviewTable({ reviews }: { reviews: readonly Review[] }) {
  const rows = useMemo(() => [...reviews], [reviews]);
  return (
    <Section title="Reviews" description="Between the lab and the publisher: nobody else sees them.">
      <Table
        compact
        caption="What the lab decided"
        columns={COLUMNS}
        rows={rows}
        rowId={({ reviewedAt }) => reviewedAt}
      />
    </Section>
  );
}

const COLUMNS: ReadonlyArray<Column<Review>> = [
  { id: 'at', header: 'When', cell: ({ reviewedAt }) => <Time at={reviewedAt} style="minute" /> },
  {
    id: 'verdict',
    header: 'Outcome',
    cell: ({ verdict }) =>
      verdict === 'APPROVED' ? <Status tone="ok">Approved</Status> : <Status tone="warn">Given back</Status>,
  },
  {
    id: 'share',
    header: 'Share of the publisher',
    numeric: true,
    cell: ({ publisherShareBasisPoints: share }) => (share === null ? '—' : formatPercent(share / 10_000, 2)),
  },
  { id: 'reason', header: 'Reason', wide: true, cell: ({ reason }) => reason },
];
