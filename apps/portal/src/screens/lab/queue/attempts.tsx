import { usePolling, useRequest } from '../../../api';
import { formatCount, formatDuration, words } from '../../../format';
import { EmptyState, Loaded, Pagination, Progress, Section, Status, Time, type Tone, usePage } from '../../../ui';
import { type Column, Table } from '../../../ui/table';
import { type Attempt, ClusterAttempts } from './documents';
import { OwnerName } from './owner';
import { POLL_MILLISECONDS } from './polling';

const TONES: Record<Attempt['state'], Tone> = { STARTING: 'accent', RUNNING: 'ok', STOPPING: 'warn', FENCED: 'bad' };

/** What has a process on the cluster. */
export function LiveAttempts() {
  const { page, next, previous } = usePage(25);
  const request = useRequest(ClusterAttempts, page, { requestPolicy: 'cache-and-network' });
  usePolling(request.refresh, request.status === 'ready', POLL_MILLISECONDS);
  return (
    <Section
      title="Attempts"
      description="Processes at work on jobs. One that falls silent is cut off when its lease ends."
    >
      <Loaded request={request}>
        {({ clusterAttempts: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState title="No process is at work">
              <p>An attempt begins when a job’s turn has come.</p>
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <Table caption="Attempts that are not over" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
              <Pagination of="attempts" info={pageInfo} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
    </Section>
  );
}

function Told({ attempt: { progress, jobId } }: { attempt: Attempt }) {
  if (!progress) return <span className="text-ink-faint">Nothing told yet</span>;
  const { stage, step, totalSteps, secondsLeft } = progress;
  const text = `${formatCount(step)} of ${formatCount(totalSteps)}`;
  return (
    <span className="flex min-w-36 flex-col gap-1">
      <span>
        {words(stage)}: {text}
        {secondsLeft !== null && <span className="text-ink-faint"> · {formatDuration(secondsLeft)} left</span>}
      </span>
      <Progress label={`Progress of ${jobId}`} value={totalSteps > 0 ? step / totalSteps : null} text={text} />
    </span>
  );
}

const COLUMNS: ReadonlyArray<Column<Attempt>> = [
  {
    id: 'work',
    header: 'Work',
    cell: ({ kind, number, driver }) => (
      <>
        <span className="whitespace-nowrap">
          {words(kind)}, attempt {number}
        </span>
        <span className="block text-sm text-ink-faint">{driver}</span>
      </>
    ),
  },
  {
    id: 'owner',
    header: 'Organization and project',
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
  { id: 'progress', header: 'Progress', wide: true, cell: (attempt) => <Told attempt={attempt} /> },
  {
    id: 'started',
    header: 'Started',
    sortBy: ({ startedAt, createdAt }) => startedAt ?? createdAt,
    cell: ({ startedAt }) => (startedAt ? <Time at={startedAt} /> : 'Not yet'),
  },
  {
    id: 'heard',
    header: 'Last heard of',
    sortBy: ({ heardAt }) => heardAt,
    cell: ({ heardAt }) => <Time at={heardAt} />,
  },
  {
    id: 'lease',
    header: 'Lease ends',
    sortBy: ({ leaseExpiresAt }) => leaseExpiresAt,
    cell: ({ leaseExpiresAt }) => <Time at={leaseExpiresAt} />,
  },
];
