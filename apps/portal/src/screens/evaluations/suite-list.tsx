import { ListChecks, Play } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { usePolling, useRequest } from '../../api';
import { type Project, paths } from '../../app';
import { METRICS } from '../../evaluation';
import { formatCount, formatPercent } from '../../format';
import { Button, EmptyState, Loaded, Pagination, Status, TextLink, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { EvaluationSuitesPage, type ListedSuite } from './documents';

interface SuiteListProps {
  project: Project | null;
  /** Makes the first one. */
  begin: ReactNode;
  /** Why none can be run; null when one can. */
  whyNot: string | null;
  onRun: (suiteId: string) => void;
  onShowRuns: (suiteId: string) => void;
}

export function SuiteList({ project, begin, whyNot, onRun, onShowRuns }: SuiteListProps) {
  const { page, next, previous } = usePage(20, project?.id);
  const request = useRequest(
    EvaluationSuitesPage,
    { ...page, projectId: project?.id },
    { alsoChangesWith: ['EvaluationSuite'] },
  );
  const building =
    request.status === 'ready' && request.data.evaluationSuites.nodes.some(({ status }) => status === 'BUILDING');
  usePolling(request.refresh, building);
  const columns = useMemo(() => [...COLUMNS, actionsOf({ whyNot, onRun, onShowRuns })], [whyNot, onRun, onShowRuns]);
  return (
    <Loaded request={request}>
      {({ evaluationSuites: { nodes, pageInfo } }) =>
        nodes.length === 0 ? (
          <EmptyState icon={ListChecks} title="No suites yet" actions={begin}>
            A suite is prompts with the answers you expect, and how an answer is judged. Take rows that were set apart
            from training, or paste the cases that matter to you. It never changes, so that its runs stay comparable.
          </EmptyState>
        ) : (
          <div className="flex flex-col gap-3">
            <Table caption="Suites of the project" columns={columns} rows={nodes} rowId={({ id }) => id} />
            <Pagination of="suites" info={pageInfo} onNext={next} onPrevious={previous} />
          </div>
        )
      }
    </Loaded>
  );
}

function actionsOf({ whyNot, onRun, onShowRuns }: Pick<SuiteListProps, 'whyNot' | 'onRun' | 'onShowRuns'>) {
  return {
    id: 'actions',
    header: 'Use',
    cell: ({ id, name, status }: ListedSuite) => (
      <div className="flex gap-1">
        <Button
          small
          icon={Play}
          aria-label={`Run ${name}`}
          whyNot={whyNot ?? (status === 'READY' ? null : 'It is not ready.')}
          onClick={() => onRun(id)}
        >
          Run
        </Button>
        <Button small kind="quiet" aria-label={`Runs of ${name}`} onClick={() => onShowRuns(id)}>
          Runs
        </Button>
      </div>
    ),
  };
}

function SuiteStatus({ status }: Pick<ListedSuite, 'status'>) {
  if (status === 'READY') return <Status tone="ok">Ready</Status>;
  if (status === 'INVALID') return <Status tone="bad">Can’t be used</Status>;
  return (
    <Status tone="accent" live>
      Being built
    </Status>
  );
}

function Source({ suite: { datasetVersion, split } }: { suite: ListedSuite }) {
  if (!datasetVersion) return <span className="whitespace-nowrap text-ink-soft">Rows given with it</span>;
  const { dataset, filename, number } = datasetVersion;
  return (
    <div className="min-w-40">
      {dataset ? (
        <TextLink to={paths.dataset(dataset.id)}>
          {dataset.name}, version {number}
        </TextLink>
      ) : (
        filename
      )}
      {split && (
        <p className="text-sm text-ink-faint">
          {split.part === 'VALIDATION' ? 'what was set apart' : 'what was trained on'}:{' '}
          {formatPercent(split.fraction, 1)}, seed {split.seed}
        </p>
      )}
    </div>
  );
}

const COLUMNS: ReadonlyArray<Column<ListedSuite>> = [
  {
    id: 'name',
    header: 'Suite',
    wide: true,
    sortBy: ({ name }) => name,
    cell: ({ name, description, problem }) => (
      <div className="min-w-48">
        <p className="font-medium">{name}</p>
        {description && <p className="line-clamp-2 text-sm text-ink-faint">{description}</p>}
        {problem && <p className="text-sm text-bad">{problem.message}</p>}
      </div>
    ),
  },
  { id: 'status', header: 'State', sortBy: ({ status }) => status, cell: (suite) => <SuiteStatus {...suite} /> },
  {
    id: 'metric',
    header: 'Metric',
    sortBy: ({ metric }) => METRICS[metric].name,
    cell: ({ metric }) => <span className="whitespace-nowrap">{METRICS[metric].name}</span>,
  },
  {
    id: 'rows',
    header: 'Rows',
    numeric: true,
    sortBy: ({ rowCount }) => rowCount ?? 0,
    cell: ({ rowCount }) => (rowCount === null ? '–' : formatCount(rowCount)),
  },
  { id: 'source', header: 'From', cell: (suite) => <Source suite={suite} /> },
  {
    id: 'made',
    header: 'Made',
    numeric: true,
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
