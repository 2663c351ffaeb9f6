import { useMemo } from 'react';
import { useNames, useRequest } from '../../api';
import { paths } from '../../app';
import { formatCount, words } from '../../format';
import { formatQuantity } from '../../terms';
import { Loaded, Pagination, Section, Status, TextLink, Time, type Tone, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type UsageEvent, UsageEventsPage } from './documents';

interface UsageEventsProps {
  from: string;
  to: string;
  projectId?: string;
}

/** The requests, jobs and days of storage behind the sums. */
export function UsageEvents({ from, to, projectId }: UsageEventsProps) {
  const { page, next, previous } = usePage(20, `${from} ${to} ${projectId}`);
  const request = useRequest(UsageEventsPage, { from, to, projectId, ...page });
  const nodes = request.status === 'ready' ? request.data.usageEvents.nodes : undefined;
  const names = useNames(nodes?.map(({ apiKeyId }) => apiKeyId) ?? []);
  const columns = useMemo(
    (): Array<Column<UsageEvent>> => [
      ...FIXED_COLUMNS,
      {
        id: 'key',
        header: 'Key',
        cell: ({ apiKeyId }) => (apiKeyId ? (names.get(apiKeyId)?.name ?? 'A key that is gone') : 'None'),
      },
      {
        id: 'end',
        header: 'End',
        cell: (event) => <End event={event} />,
      },
    ],
    [names],
  );
  return (
    <Section
      title="Requests, jobs and storage"
      description="Newest first. Each is billed once; what is stored is counted when a day is over."
    >
      <Loaded request={request}>
        {({ usageEvents: { nodes: events, pageInfo } }) =>
          events.length === 0 ? (
            <p className="text-ink-faint">None in this time.</p>
          ) : (
            <>
              <Table
                compact
                caption="Latest requests, jobs and days of storage"
                columns={columns}
                rows={events}
                rowId={({ id }) => id}
              />
              <Pagination
                of="usage events"
                info={pageInfo}
                busy={request.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </>
          )
        }
      </Loaded>
    </Section>
  );
}

const FIXED_COLUMNS: ReadonlyArray<Column<UsageEvent>> = [
  { id: 'at', header: 'Admitted', cell: ({ admittedAt }) => <Time at={admittedAt} style="minute" /> },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => words(kind) },
  { id: 'model', header: 'Model', wide: true, cell: (event) => <Model event={event} /> },
  { id: 'used', header: 'Used', numeric: true, cell: usedOf },
];

function usedOf(event: UsageEvent): string {
  const { kind, inputTokens, cachedInputTokens, outputTokens, trainingTokens, evaluationTokens, storedByteHours } =
    event;
  if (kind === 'STORAGE') return `${formatQuantity('STORED_BYTE_HOURS', storedByteHours)} stored`;
  if (kind === 'TRAINING') return `${formatCount(trainingTokens)} trained on`;
  if (kind === 'EVALUATION') return `${formatCount(evaluationTokens)} evaluated`;
  const cached = cachedInputTokens === '0' ? '' : ` (${formatCount(cachedInputTokens)} cached)`;
  return `${formatCount(inputTokens)} in${cached}, ${formatCount(outputTokens)} out`;
}

function Model({ event: { model, kind, sourceId } }: { event: UsageEvent }) {
  if (kind === 'STORAGE') return <span className="block min-w-40 break-all">{model ?? 'Files'}</span>;
  const source = kind === 'TRAINING' ? paths.fineTune(sourceId) : null;
  return (
    <span className="block min-w-40 break-all">
      {source ? <TextLink to={source}>{model}</TextLink> : <span title={`Request ${sourceId}`}>{model}</span>}
    </span>
  );
}

type EndReason = NonNullable<UsageEvent['endReason']>;
const ENDS: Record<EndReason, { tone: Tone; text: string }> = {
  COMPLETED: { tone: 'ok', text: 'Completed' },
  CLIENT_DISCONNECTED: { tone: 'warn', text: 'Caller went away' },
  ENGINE_FAILED: { tone: 'bad', text: 'Engine failed' },
  RECORDER_LOST: { tone: 'warn', text: 'Cut off' },
  REFUSED: { tone: 'neutral', text: 'Refused, not billed' },
};

function End({ event: { endReason } }: { event: UsageEvent }) {
  if (!endReason) {
    return (
      <Status tone="accent" live>
        Under way
      </Status>
    );
  }
  const { tone, text } = ENDS[endReason];
  return <Status tone={tone}>{text}</Status>;
}
