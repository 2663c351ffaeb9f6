import { paths } from '../../app';
import { formatCount, formatMeasure, formatTokens, words } from '../../format';
import { Badge, Status, TextLink, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { Variant } from './documents';

export function ModelTable({ caption, rows, withParent }: { caption: string; rows: Variant[]; withParent?: boolean }) {
  return <Table caption={caption} columns={withParent ? ALL : OF_ONE_BASE} rows={rows} rowId={({ id }) => id} />;
}

interface CheckpointStateProps {
  status: Variant['status'];
  /** Whether its files are gone. */
  removed?: boolean;
}

export function CheckpointState({ status, removed }: CheckpointStateProps) {
  if (removed) return <Status tone="neutral">Deleted</Status>;
  if (status === 'PUBLISHED') return <Status tone="ok">Published</Status>;
  if (status === 'RETIRED') return <Status tone="warn">Retired</Status>;
  if (status === 'VERIFYING') {
    return (
      <Status tone="accent" live>
        Verifying
      </Status>
    );
  }
  return <Status tone="neutral">Draft</Status>;
}

const ALL: ReadonlyArray<Column<Variant>> = [
  {
    id: 'name',
    header: 'Name',
    wide: true,
    sortBy: ({ name }) => name,
    cell: ({ name }) => (
      <TextLink to={paths.model(name)} className="block min-w-56 font-medium break-all">
        {name}
      </TextLink>
    ),
  },
  {
    id: 'parent',
    header: 'Made from',
    cell: ({ parent }) =>
      parent ? (
        <TextLink to={paths.model(parent.name)} className="whitespace-nowrap">
          {parent.name}
        </TextLink>
      ) : (
        <span className="text-ink-faint">Not yours to see</span>
      ),
  },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => <Badge>{words(kind)}</Badge> },
  {
    id: 'status',
    header: 'State',
    cell: ({ status, removal }) => <CheckpointState status={status} removed={removal !== null} />,
  },
  {
    id: 'step',
    header: 'Step',
    numeric: true,
    sortBy: ({ step }) => step,
    cell: ({ step, tokensSeen }) => <span title={formatTokens(tokensSeen)}>{formatCount(step)}</span>,
  },
  {
    id: 'eval',
    header: 'Evaluated',
    cell: ({ evaluations: [first] }) =>
      first ? (
        <span className="whitespace-nowrap">
          {formatMeasure(first.value)} <span className="text-sm text-ink-faint">{first.name}</span>
        </span>
      ) : (
        <span className="whitespace-nowrap text-ink-faint">Not evaluated</span>
      ),
  },
  {
    id: 'created',
    header: 'Made',
    numeric: true,
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
const OF_ONE_BASE = ALL.filter(({ id }) => id !== 'parent');
