import { useMemo } from 'react';
import { paths } from '../../../app';
import { formatCount, formatDuration, formatTokens } from '../../../format';
import { Amount, TextLink } from '../../../ui';
import { type Column, Table } from '../../../ui/table';
import type { ProgrammeLine } from './documents';
import { HOUR_SECONDS } from './search';

const KINDS = [
  { of: 'trainingRevenue', label: 'training', swatch: 'bg-series-1' },
  { of: 'evaluationRevenue', label: 'evaluation', swatch: 'bg-series-3' },
  { of: 'inferenceRevenue', label: 'inference', swatch: 'bg-series-5' },
  { of: 'storageRevenue', label: 'storage', swatch: 'bg-series-4' },
] as const;

/** The fork points, those of most revenue first. */
export function LineTable({ lines }: { lines: ProgrammeLine[] }) {
  const largest = lines.reduce((most, { revenue }) => Math.max(most, Number(revenue.nanos)), 0);
  const columns = useMemo(() => columnsOf(largest), [largest]);
  const hasMargin = lines.some(({ margin }) => margin);
  return (
    <div className="flex flex-col gap-2">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-soft">
        {KINDS.map(({ label, swatch }) => (
          <li key={label} className="flex items-center gap-1.5">
            <span aria-hidden className={`size-2.5 rounded-sm ${swatch}`} />
            Revenue of {label}
          </li>
        ))}
      </ul>
      <Table
        caption="Fork points"
        columns={hasMargin ? [...columns, ...MARGIN] : columns}
        rows={lines}
        rowId={({ checkpointId }) => checkpointId ?? 'none'}
      />
    </div>
  );
}

function columnsOf(largest: number): Array<Column<ProgrammeLine>> {
  return [
    {
      id: 'checkpoint',
      header: 'Fork point',
      wide: true,
      cell: ({ checkpoint, checkpointId }) =>
        checkpoint ? (
          <span className="block min-w-44">
            <TextLink to={paths.model(checkpoint.name)}>{checkpoint.name}</TextLink>
            {checkpoint.tokensSeen && (
              <span className="block text-sm text-ink-faint">at {formatTokens(checkpoint.tokensSeen)}</span>
            )}
          </span>
        ) : (
          <span className="text-ink-soft">{checkpointId ?? 'Files, and work that is not billed'}</span>
        ),
    },
    counted('partners', 'Partners', ({ partners }) => partners),
    counted('jobs', 'Fine-tunes', ({ fineTuneJobs }) => fineTuneJobs),
    counted('runs', 'Evaluations', ({ evaluationRuns }) => evaluationRuns),
    counted('requests', 'Requests', ({ requests }) => requests),
    {
      id: 'revenue',
      header: 'Revenue',
      numeric: true,
      sortBy: ({ revenue }) => Number(revenue.nanos),
      cell: (line) => (
        <span className="flex flex-col items-end gap-1">
          <Amount money={line.revenue} />
          <RevenueBar line={line} largest={largest} />
        </span>
      ),
    },
    {
      id: 'time',
      header: 'On the cluster',
      numeric: true,
      sortBy: ({ clusterHours }) => clusterHours,
      cell: ({ clusterHours }) => formatDuration(HOUR_SECONDS * clusterHours),
    },
  ];
}

const MARGIN: ReadonlyArray<Column<ProgrammeLine>> = [
  {
    id: 'margin',
    header: 'Margin',
    numeric: true,
    sortBy: ({ margin }) => Number(margin?.nanos ?? 0),
    cell: ({ margin }) => margin && <Amount money={margin} />,
  },
  {
    id: 'margin-per-hour',
    header: 'For each hour',
    numeric: true,
    sortBy: ({ marginPerHour }) => Number(marginPerHour?.nanos ?? 0),
    cell: ({ marginPerHour }) => marginPerHour && <Amount money={marginPerHour} />,
  },
];

function counted(id: string, header: string, of: (line: ProgrammeLine) => number): Column<ProgrammeLine> {
  return { id, header, numeric: true, sortBy: of, cell: (line) => formatCount(of(line)) };
}

/** Beside the largest, by what it comes of; its figures are read out. */
function RevenueBar({ line, largest }: { line: ProgrammeLine; largest: number }) {
  return (
    <span className="flex h-1.5 w-28 justify-end overflow-hidden rounded-full bg-sunken">
      {KINDS.map(({ of, label, swatch }) => (
        <span key={label} style={widthOf(Number(line[of].nanos), largest)} className={swatch}>
          <span className="sr-only">
            {label} <Amount money={line[of]} />
          </span>
        </span>
      ))}
    </span>
  );
}

function widthOf(part: number, largest: number) {
  return { width: largest > 0 ? `${(100 * part) / largest}%` : 0 };
}
