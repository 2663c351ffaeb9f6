import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { type ListedRun, RunScore, RunStatus } from '../../evaluation';
import { Loaded, LoadingState, Pagination, Section, TextLink, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type Model, ModelEvaluationRuns } from './documents';

/** What the organization's own suites found; nothing where the role may not see evaluations. */
export function EvaluationRuns({ model }: { model: Model }) {
  const { may } = useSession();
  if (!may('EVALUATIONS_READ')) return null;
  return (
    <Section title="Your evaluations">
      <Runs checkpointId={model.id} />
    </Section>
  );
}

function Runs({ checkpointId }: { checkpointId: string }) {
  const { page, next, previous } = usePage(10, checkpointId);
  const request = useRequest(
    ModelEvaluationRuns,
    { ...page, checkpointId },
    { alsoChangesWith: ['EvaluationRun'], requestPolicy: 'cache-and-network' },
  );
  return (
    <Loaded request={request} skeleton={<LoadingState lines={2} />}>
      {({ evaluationRuns: { nodes, pageInfo } }) =>
        nodes.length === 0 ? (
          <p className="text-ink-soft">
            No suite was run on it yet. The same suite on two models can be compared example by example.
          </p>
        ) : (
          <>
            <Table caption="Runs of your suites on this model" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
            <Pagination of="evaluations" info={pageInfo} onNext={next} onPrevious={previous} />
          </>
        )
      }
    </Loaded>
  );
}

const COLUMNS: ReadonlyArray<Column<ListedRun>> = [
  {
    id: 'suite',
    header: 'Suite',
    wide: true,
    sortBy: ({ suite }) => suite?.name ?? '',
    cell: ({ id, suite }) => (
      <TextLink to={paths.evaluation(id)} className="block min-w-40">
        {suite?.name ?? 'A suite that is not yours to see'}
      </TextLink>
    ),
  },
  {
    id: 'status',
    header: 'State',
    sortBy: ({ status }) => status,
    cell: ({ status }) => <RunStatus status={status} />,
  },
  { id: 'score', header: 'Score', numeric: true, cell: ({ score }) => <RunScore score={score} /> },
  {
    id: 'when',
    header: 'Asked for',
    numeric: true,
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
