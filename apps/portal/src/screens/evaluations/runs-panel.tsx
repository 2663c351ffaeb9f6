import { useNavigate } from '@tanstack/react-router';
import { GitCompareArrows, ListChecks } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type RequestState, type ResultOf, useEveryPage, usePolling, useRequest } from '../../api';
import { type Project, paths } from '../../app';
import { isUnderWay, type ListedRun } from '../../evaluation';
import { plural } from '../../format';
import { Button, EmptyState, Field, Loaded, Pagination, Select, usePage } from '../../ui';
import { EvaluationRunsPage, EvaluationSuiteChoices, EvaluationSuiteRuns, type SuiteChoice } from './documents';
import { inOrder, whyNotComparable } from './pairing';
import { evaluationsRoute } from './route';
import { RunTable } from './run-table';

const PAGE_ROWS = 20;
const POLL_MILLISECONDS = 2_000;

interface RunsPanelProps {
  project: Project | null;
  /** Begins the first run. */
  begin: ReactNode;
}

/** The runs of the project or of one suite; two of them can be compared. */
export function RunsPanel({ project, begin }: RunsPanelProps) {
  const { suite } = evaluationsRoute.useSearch();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<ListedRun[]>([]);
  const choose = (next: string) => {
    setChosen([]);
    void navigate({ to: '.', search: ((old: object) => ({ ...old, suite: next || undefined })) as never });
  };
  const toggle = (run: ListedRun) =>
    setChosen((before) =>
      before.some(({ id }) => id === run.id) ? before.filter(({ id }) => id !== run.id) : [...before, run],
    );
  const parts = { projectId: project?.id, chosen, onToggle: toggle, begin };
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-3">
        <SuiteFilter projectId={project?.id} chosen={suite} onChoose={choose} />
        <Compare chosen={chosen} onClear={() => setChosen([])} />
      </div>
      {suite ? <RunsOfSuite key={suite} suiteId={suite} {...parts} /> : <RunsOfProject {...parts} />}
    </div>
  );
}

const suitesOf = (data: ResultOf<typeof EvaluationSuiteChoices>) => data.evaluationSuites;

interface SuiteFilterProps {
  projectId: string | undefined;
  chosen: string | undefined;
  onChoose: (suiteId: string) => void;
}

function SuiteFilter({ projectId, chosen, onChoose }: SuiteFilterProps) {
  const request = useEveryPage(EvaluationSuiteChoices, { projectId }, suitesOf);
  const suites: readonly SuiteChoice[] = request.status === 'ready' ? request.data : [];
  return (
    <Field label="Suite" className="w-full sm:w-72">
      <Select value={chosen ?? ''} onChange={({ target }) => onChoose(target.value)}>
        <option value="">All</option>
        {chosen && !suites.some(({ id }) => id === chosen) && <option value={chosen}>{chosen}</option>}
        {suites.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function Compare({ chosen, onClear }: { chosen: readonly ListedRun[]; onClear: () => void }) {
  const navigate = useNavigate();
  const whyNot = whyNotComparable(chosen);
  const compare = () => {
    const [first, second] = chosen;
    if (!first || !second) return;
    const [baseline, candidate] = inOrder(first, second);
    void navigate({
      to: paths.compareEvaluations(),
      search: { baseline: baseline.id, candidate: candidate.id } as never,
    });
  };
  return (
    <div className="flex flex-wrap items-center gap-y-2">
      <p role="status" className="text-sm text-ink-faint not-empty:mr-2">
        {chosen.length > 0 && `${plural(chosen.length, 'run')} selected. ${whyNot ?? ''}`}
      </p>
      {chosen.length > 0 && (
        <Button small kind="quiet" className="mr-2" onClick={onClear}>
          Clear
        </Button>
      )}
      <Button icon={GitCompareArrows} whyNot={whyNot} onClick={compare}>
        Compare
      </Button>
    </div>
  );
}

interface ListProps {
  projectId: string | undefined;
  chosen: readonly ListedRun[];
  onToggle: (run: ListedRun) => void;
  begin: ReactNode;
}

function RunsOfProject({ projectId, begin, ...choice }: ListProps) {
  const { page, next, previous } = usePage(PAGE_ROWS, projectId);
  const request = useRequest(EvaluationRunsPage, { ...page, projectId }, { alsoChangesWith: ['EvaluationRun'] });
  useFollowed(request, ({ evaluationRuns }) => evaluationRuns.nodes);
  return (
    <Loaded request={request}>
      {({ evaluationRuns: { nodes, pageInfo } }) =>
        nodes.length === 0 ? (
          <EmptyState icon={ListChecks} title="No runs yet" actions={begin}>
            A run answers every prompt of a suite with a checkpoint and scores the answers. Run one suite on a base and
            on your variant to see, example by example, what the fine-tune changed.
          </EmptyState>
        ) : (
          <>
            <RunTable rows={nodes} {...choice} />
            <Pagination of="runs" info={pageInfo} onNext={next} onPrevious={previous} />
          </>
        )
      }
    </Loaded>
  );
}

function RunsOfSuite({ suiteId, begin, ...choice }: ListProps & { suiteId: string }) {
  const { page, next, previous } = usePage(PAGE_ROWS, suiteId);
  const request = useRequest(EvaluationSuiteRuns, { ...page, suiteId }, { alsoChangesWith: ['EvaluationRun'] });
  useFollowed(request, ({ node }) => (node && 'runs' in node ? node.runs.nodes : []));
  return (
    <Loaded request={request}>
      {({ node }) => {
        if (!node || !('runs' in node)) {
          return <EmptyState title="There is no such suite">Choose another one, or all of them.</EmptyState>;
        }
        const { nodes, pageInfo } = node.runs;
        return nodes.length === 0 ? (
          <EmptyState icon={ListChecks} title="This suite was not run yet" actions={begin}>
            Run it on a base and on your variant: two runs of one suite can be compared.
          </EmptyState>
        ) : (
          <>
            <RunTable rows={nodes} {...choice} />
            <Pagination of="runs" info={pageInfo} onNext={next} onPrevious={previous} />
          </>
        );
      }}
    </Loaded>
  );
}

/** Asks again while one of the runs is not at its end. */
function useFollowed<Data>(request: RequestState<Data>, runsOf: (data: Data) => readonly ListedRun[]): void {
  const underWay = request.status === 'ready' && runsOf(request.data).some(({ status }) => isUnderWay(status));
  usePolling(request.refresh, underWay, POLL_MILLISECONDS);
}
