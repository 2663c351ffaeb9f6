import { usePolling, useRequest } from '../../../api';
import { words } from '../../../format';
import { CopyButton, EmptyState, Loaded, Pagination, Section, Status, Time, type Tone, usePage } from '../../../ui';
import { type Column, Table } from '../../../ui/table';
import { ClusterJobs, type Job } from './documents';
import { OwnerName } from './owner';
import { POLL_MILLISECONDS } from './polling';

const TONES: Record<Job['state'], Tone> = {
  QUEUED: 'warn',
  STARTING: 'accent',
  RUNNING: 'accent',
  PAUSING: 'warn',
  PAUSED: 'neutral',
  CANCELLING: 'neutral',
  VERIFYING: 'accent',
};

/** Whose work waits and runs. */
export function QueueOfJobs() {
  const { page, next, previous } = usePage(25);
  const request = useRequest(ClusterJobs, page, { requestPolicy: 'cache-and-network' });
  usePolling(request.refresh, request.status === 'ready', POLL_MILLISECONDS);
  return (
    <Section
      title="Jobs"
      description="Of all organizations, those first that wait longest. Projects take turns, so the next to start may be another."
    >
      <Loaded request={request}>
        {({ clusterJobs: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState title="Nothing waits and nothing runs">
              <p>Preparations, fine-tunes and evaluations stand here from the moment they are asked for.</p>
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <Table caption="Jobs that are not over" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
              <Pagination of="jobs" info={pageInfo} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
    </Section>
  );
}

const COLUMNS: ReadonlyArray<Column<Job>> = [
  { id: 'kind', header: 'Work', sortBy: ({ kind }) => kind, cell: ({ kind }) => words(kind) },
  {
    id: 'owner',
    header: 'Organization and project',
    wide: true,
    sortBy: ({ organization }) => organization?.name ?? '',
    cell: ({ organization, projectName }) => <OwnerName owner={organization} project={projectName} />,
  },
  {
    id: 'state',
    header: 'State',
    sortBy: ({ state }) => state,
    cell: ({ state }) => (
      <Status tone={TONES[state]} live={state === 'RUNNING'}>
        {words(state)}
      </Status>
    ),
  },
  {
    id: 'queued',
    header: 'Queued',
    sortBy: ({ queuedAt }) => queuedAt,
    cell: ({ queuedAt }) => <Time at={queuedAt} />,
  },
  {
    id: 'attempts',
    header: 'Attempts',
    numeric: true,
    sortBy: ({ attempts }) => attempts,
    cell: ({ attempts, failures, maxAttempts }) => (
      <>
        {attempts}
        {failures > 0 && (
          <span className="block text-sm text-bad">
            {failures} of {maxAttempts} failed
          </span>
        )}
      </>
    ),
  },
  { id: 'id', header: 'Id', cell: ({ id }) => <CopyButton text={id} what={`the id of the job ${id}`} /> },
];
