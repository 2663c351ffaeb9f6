import { useNavigate } from '@tanstack/react-router';
import { usePolling, useRequest } from '../../../api';
import { paths } from '../../../app';
import { formatBytes, formatCount, words } from '../../../format';
import {
  EmptyState,
  Loaded,
  Pagination,
  Section,
  Status,
  Switch,
  TextLink,
  Time,
  type Tone,
  usePage,
} from '../../../ui';
import { type Column, Table } from '../../../ui/table';
import { labQueueRoute } from '../route';
import { ClusterEngines, type Engine } from './documents';
import { OwnerName } from './owner';
import { POLL_MILLISECONDS } from './polling';

const TONES: Record<Engine['state'], Tone> = {
  DESIRED: 'accent',
  STARTING: 'accent',
  READY: 'ok',
  DRAINING: 'warn',
  STOPPED: 'neutral',
  FAILED: 'bad',
};
const ADAPTER_TONES: Record<Engine['adapters'][number]['state'], Tone> = {
  LOADING: 'accent',
  READY: 'ok',
  DRAINING: 'warn',
  FAILED: 'bad',
};

/** What serves, and for whom. */
export function Engines() {
  const { ended = false } = labQueueRoute.useSearch();
  const navigate = useNavigate();
  const { page, next, previous } = usePage(25, String(ended));
  const variables = { ...page, live: ended ? null : true };
  const request = useRequest(ClusterEngines, variables, { requestPolicy: 'cache-and-network' });
  usePolling(request.refresh, request.status === 'ready', POLL_MILLISECONDS);
  const show = (all: boolean) =>
    void navigate({
      to: paths.lab('queue'),
      search: ((before: object) => ({ ...before, ended: all || undefined })) as never,
      replace: true,
      resetScroll: false,
    });
  return (
    <Section
      title="Engines"
      description="Each serves a base checkpoint with adapters on it."
      actions={<Switch label="Those that are over, too" checked={ended} onChange={show} />}
    >
      <Loaded request={request}>
        {({ clusterEngines: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState title="No engine runs">
              <p>One is started when a checkpoint is deployed or called.</p>
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <Table caption="Serving engines" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
              <Pagination of="engines" info={pageInfo} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
    </Section>
  );
}

function EngineState({ engine: { state, failures, lastError } }: { engine: Engine }) {
  return (
    <>
      <Status tone={TONES[state]} live={state === 'STARTING' || state === 'DESIRED'}>
        {words(state)}
      </Status>
      {failures > 0 && <span className="block text-sm text-ink-faint">failed {failures} times in a row</span>}
      {lastError && <span className="mt-1 block max-w-80 min-w-48 text-sm break-words text-bad">{lastError}</span>}
    </>
  );
}

function Adapters({ engine: { adapters, maxAdapters } }: { engine: Engine }) {
  if (adapters.length === 0) return <span className="text-ink-faint">None of {maxAdapters}</span>;
  return (
    <ul className="flex flex-col gap-1.5">
      {adapters.map(({ checkpointId, state, lastError, organization }) => (
        <li key={checkpointId}>
          <span className="flex flex-wrap items-center gap-x-2">
            <OwnerName owner={organization} />
            <Status tone={ADAPTER_TONES[state]}>{words(state)}</Status>
          </span>
          <span className="block font-mono text-xs text-ink-faint">{checkpointId}</span>
          {lastError && <span className="block max-w-80 text-sm break-words text-bad">{lastError}</span>}
        </li>
      ))}
    </ul>
  );
}

const COLUMNS: ReadonlyArray<Column<Engine>> = [
  {
    id: 'base',
    header: 'Base checkpoint',
    cell: ({ baseCheckpoint, baseCheckpointId, host, isOperated }) => (
      <>
        {baseCheckpoint ? (
          <TextLink to={paths.model(baseCheckpoint.name)} className="block min-w-56 break-all">
            {baseCheckpoint.name}
          </TextLink>
        ) : (
          baseCheckpointId
        )}
        <span className="block text-sm text-ink-faint">
          on {host}
          {isOperated && ', run by an operator'}
        </span>
      </>
    ),
  },
  { id: 'state', header: 'State', sortBy: ({ state }) => state, cell: (engine) => <EngineState engine={engine} /> },
  { id: 'adapters', header: 'Adapters', wide: true, cell: (engine) => <Adapters engine={engine} /> },
  {
    id: 'calls',
    header: 'Calls under way',
    numeric: true,
    sortBy: ({ runningRequests }) => runningRequests,
    cell: ({ runningRequests }) => formatCount(runningRequests),
  },
  {
    id: 'memory',
    header: 'Memory planned',
    numeric: true,
    sortBy: ({ memoryBytes }) => Number(memoryBytes),
    cell: ({ memoryBytes, isOperated }) => (isOperated ? 'not ours' : formatBytes(String(memoryBytes))),
  },
  {
    id: 'since',
    header: 'Since',
    sortBy: ({ endedAt, readyAt, createdAt }) => endedAt ?? readyAt ?? createdAt,
    cell: ({ endedAt, readyAt, createdAt }) => <Time at={endedAt ?? readyAt ?? createdAt} />,
  },
];
