import { paths } from '../../../app';
import { formatCount, formatDuration, formatMeasure, formatPercent, formatShort } from '../../../format';
import { Amount, TextLink } from '../../../ui';
import { type Column, Table } from '../../../ui/table';
import { JobStatus } from '../job-status';
import type { ComparedJob } from './documents';

interface CompareResultsProps {
  jobs: ComparedJob[];
  names: ReadonlyMap<string, string>;
}

/** The last value of each curve, and what it took to get there. */
export function CompareResults({ jobs, names }: CompareResultsProps) {
  const columns: Array<Column<ComparedJob>> = [
    {
      id: 'name',
      header: 'Fine-tune',
      wide: true,
      sortBy: ({ id }) => names.get(id) ?? id,
      cell: ({ id }) => <TextLink to={paths.fineTune(id)}>{names.get(id) ?? id}</TextLink>,
    },
    {
      id: 'status',
      header: 'State',
      sortBy: ({ status }) => status,
      cell: ({ status }) => <JobStatus status={status} />,
    },
    lastValue('train_loss', 'Training loss', formatMeasure),
    lastValue('valid_loss', 'Validation loss', formatMeasure),
    lastValue('valid_mean_token_accuracy', 'Validation accuracy', (value) => formatPercent(value, 1)),
    {
      id: 'steps',
      header: 'Steps',
      numeric: true,
      sortBy: (job) => lastPoint(job, 'train_loss')?.step ?? 0,
      cell: (job) => shown(lastPoint(job, 'train_loss')?.step ?? null, formatCount),
    },
    {
      id: 'tokens',
      header: 'Tokens',
      numeric: true,
      sortBy: ({ trainedTokens }) => Number(trainedTokens ?? 0),
      cell: ({ trainedTokens }) => (trainedTokens ? formatShort(trainedTokens) : '–'),
    },
    {
      id: 'took',
      header: 'Took',
      numeric: true,
      sortBy: (job) => secondsOf(job) ?? 0,
      cell: (job) => shown(secondsOf(job), formatDuration),
    },
    {
      id: 'cost',
      header: 'Cost',
      numeric: true,
      sortBy: ({ cost }) => Number(cost?.nanos ?? 0),
      cell: ({ cost }) => (cost ? <Amount money={cost} /> : '–'),
    },
  ];
  return <Table caption="Where the runs ended" columns={columns} rows={jobs} rowId={({ id }) => id} />;
}

function lastValue(name: string, header: string, format: (value: number) => string): Column<ComparedJob> {
  return {
    id: name,
    header,
    numeric: true,
    sortBy: (job) => lastPoint(job, name)?.value ?? Number.POSITIVE_INFINITY,
    cell: (job) => shown(lastPoint(job, name)?.value ?? null, format),
  };
}

/** The last point of a curve is never among those that are left out of it. */
function lastPoint({ curves }: ComparedJob, wanted: string): { step: number; value: number } | null {
  const curve = curves.curves.find(({ name }) => name === wanted);
  const [step, value] = [curve?.steps.at(-1), curve?.values.at(-1)];
  return step === undefined || value === undefined ? null : { step, value };
}

function secondsOf({ startedAt, finishedAt }: ComparedJob): number | null {
  return startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : null;
}

function shown(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}
