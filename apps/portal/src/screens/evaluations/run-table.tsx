import { useMemo } from 'react';
import { paths } from '../../app';
import { type ListedRun, METRICS, progressText, RunScore, RunStatus, shareDone } from '../../evaluation';
import { Amount, Checkbox, Progress, TextLink, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';

interface RunTableProps {
  rows: ListedRun[];
  chosen: readonly ListedRun[];
  onToggle: (run: ListedRun) => void;
}

export function RunTable({ rows, chosen, onToggle }: RunTableProps) {
  const columns = useMemo(() => [choiceOf(chosen, onToggle), ...COLUMNS], [chosen, onToggle]);
  return (
    <Table
      caption="Evaluation runs"
      columns={columns}
      rows={rows}
      rowId={({ id }) => id}
      isSelected={({ id }) => chosen.some((run) => run.id === id)}
    />
  );
}

function choiceOf(chosen: readonly ListedRun[], onToggle: (run: ListedRun) => void): Column<ListedRun> {
  return {
    id: 'choice',
    header: 'Compare',
    cell: (run) => (
      <Checkbox
        label={
          <span className="sr-only">
            Select the run of {suiteName(run)} on {run.checkpointName}
          </span>
        }
        disabled={run.status !== 'SUCCEEDED'}
        checked={chosen.some(({ id }) => id === run.id)}
        onChange={() => onToggle(run)}
      />
    ),
  };
}

function suiteName({ suite }: ListedRun): string {
  return suite?.name ?? 'a suite that is not yours to see';
}

const COLUMNS: ReadonlyArray<Column<ListedRun>> = [
  {
    id: 'run',
    header: 'Suite on checkpoint',
    wide: true,
    sortBy: ({ checkpointName }) => checkpointName,
    cell: (run) => (
      <div className="min-w-48">
        <TextLink to={paths.evaluation(run.id)} className="font-medium">
          {suiteName(run)}
        </TextLink>
        <p className="text-sm break-all text-ink-soft">{run.checkpointName}</p>
      </div>
    ),
  },
  {
    id: 'status',
    header: 'State',
    sortBy: ({ status }) => status,
    cell: ({ status, progress, failure }) => (
      <div className="flex min-w-32 flex-col items-start gap-1">
        <RunStatus status={status} />
        {status === 'RUNNING' && (
          <>
            <Progress label="Evaluation" value={shareDone(progress)} text={progressText(progress)} />
            <span className="text-sm whitespace-nowrap text-ink-faint">{progressText(progress)}</span>
          </>
        )}
        {failure && <span className="font-mono text-xs text-ink-faint">{failure.code}</span>}
      </div>
    ),
  },
  {
    id: 'metric',
    header: 'Metric',
    cell: ({ suite }) => <span className="whitespace-nowrap">{suite ? METRICS[suite.metric].name : '–'}</span>,
  },
  {
    id: 'score',
    header: 'Score',
    numeric: true,
    sortBy: ({ score }) => score?.score ?? -1,
    cell: ({ score }) => <RunScore score={score} />,
  },
  {
    id: 'cost',
    header: 'Cost',
    numeric: true,
    sortBy: ({ cost }) => Number(cost?.nanos ?? 0),
    cell: ({ cost }) => (cost ? <Amount money={cost} /> : <span className="text-ink-faint">–</span>),
  },
  {
    id: 'when',
    header: 'Asked for',
    numeric: true,
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
