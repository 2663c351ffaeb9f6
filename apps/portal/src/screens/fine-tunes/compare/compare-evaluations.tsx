import { useMemo } from 'react';
import { useSession } from '../../../app';
import { formatMeasure, formatPercent, words } from '../../../format';
import { EmptyState, Loaded, NoPermission } from '../../../ui';
import { type Column, Table } from '../../../ui/table';
import type { ComparedJob, ComparedRun } from './documents';
import { bestOf, type Evaluation, evaluationsOf } from './evaluations';
import { useEvaluations } from './use-evaluations';

interface CompareEvaluationsProps {
  jobs: readonly ComparedJob[];
  names: ReadonlyMap<string, string>;
}

/** What the variants reached in each suite. */
export function CompareEvaluationRuns({ jobs, names }: CompareEvaluationsProps) {
  const { may } = useSession();
  if (!may('EVALUATIONS_READ')) return <NoPermission />;
  return <Evaluations {...{ jobs, names }} />;
}

function Evaluations({ jobs, names }: CompareEvaluationsProps) {
  const checkpointIds = useMemo(() => jobs.flatMap(({ checkpoint }) => (checkpoint ? [checkpoint.id] : [])), [jobs]);
  const request = useEvaluations(checkpointIds);
  return <Loaded request={request}>{(runs) => <Scores {...{ jobs, names, runs }} />}</Loaded>;
}

interface ScoresProps extends CompareEvaluationsProps {
  runs: ReadonlyMap<string, readonly ComparedRun[]>;
}

function Scores({ jobs, names, runs }: ScoresProps) {
  const rows = useMemo(() => evaluationsOf(jobs, runs), [jobs, runs]);
  if (rows.length === 0) {
    return (
      <EmptyState title="Not evaluated yet">
        Evaluate the variants on the same suite, from the page of each job: their scores stand side by side here.
      </EmptyState>
    );
  }
  const columns: Array<Column<Evaluation>> = [
    { id: 'suite', header: 'Suite', wide: true, sortBy: ({ label }) => label, cell: ({ label }) => label },
    { id: 'metric', header: 'Metric', cell: ({ metric }) => words(metric) },
    ...jobs.map(
      ({ id }, place): Column<Evaluation> => ({
        id,
        header: names.get(id) ?? id,
        numeric: true,
        cell: (evaluation) => <Score evaluation={evaluation} place={place} />,
      }),
    ),
  ];
  return <Table caption="Evaluations of the variants" columns={columns} rows={rows} rowId={({ id }) => id} />;
}

function Score({ evaluation, place }: { evaluation: Evaluation; place: number }) {
  const score = evaluation.scores[place] ?? null;
  if (score === null) return '–';
  const text = evaluation.metric === 'LOSS' ? formatMeasure(score) : formatPercent(score, 1);
  if (!bestOf(evaluation).has(place)) return text;
  return (
    <strong>
      {text} <span className="text-sm font-normal text-ink-faint">best</span>
    </strong>
  );
}
