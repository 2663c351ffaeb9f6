import { useState } from 'react';
import { useAction, usePolling, useRequest } from '../../api';
import { useWhyNot } from '../../app';
import { formatCount, words } from '../../format';
import {
  Button,
  Code,
  EmptyState,
  Failures,
  Loaded,
  LoadingState,
  Pagination,
  Status,
  Time,
  type Tone,
  toast,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type Attempt, type Delivery, RedeliverWebhook, WebhookDeliveries } from './documents';

const POLLING_MILLISECONDS = 5_000;

interface DeliveriesProps {
  endpointId: string;
  /** Nothing is sent to an endpoint that is disabled. */
  canResend: boolean;
}

/** What an endpoint was told, the latest first. */
export function Deliveries({ endpointId, canResend }: DeliveriesProps) {
  const { page, next, previous } = usePage(20);
  const request = useRequest(WebhookDeliveries, { ...page, endpointId }, { alsoChangesWith: ['WebhookDelivery'] });
  const nodes = request.status === 'ready' ? request.data.webhookDeliveries.nodes : [];
  const isPending = nodes.some(({ state }) => state === 'PENDING');
  usePolling(request.refresh, isPending, POLLING_MILLISECONDS);
  return (
    <Loaded request={request} skeleton={<LoadingState lines={4} label="Loading deliveries" />}>
      {({ webhookDeliveries: { pageInfo } }) =>
        nodes.length === 0 ? (
          <EmptyState title="Nothing was sent yet">It is told of what happens from now on.</EmptyState>
        ) : (
          <div className="flex flex-col gap-3">
            <DeliveryTable deliveries={nodes} canResend={canResend} />
            <Pagination of="deliveries" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
          </div>
        )
      }
    </Loaded>
  );
}

function DeliveryTable({ deliveries, canResend }: { deliveries: Delivery[]; canResend: boolean }) {
  const [shown, setShown] = useState<string | null>(null);
  const refused = useWhyNot()('WEBHOOKS_WRITE');
  const whyNot = refused ?? (canResend ? null : 'The endpoint is disabled: enable it first.');
  const { run, busy, failures } = useAction(RedeliverWebhook, (data) => data.redeliverWebhook);
  const resend = async (deliveryId: string) => {
    if ((await run({ deliveryId })).ok) toast('It is sent again', 'Under the same webhook-id.');
  };
  const columns: ReadonlyArray<Column<Delivery>> = [
    ...COLUMNS,
    {
      id: 'actions',
      header: 'Actions',
      cell: ({ id, type, createdAt }) => (
        <div className="flex gap-2">
          <Button small aria-expanded={shown === id} onClick={() => setShown(shown === id ? null : id)}>
            {shown === id ? 'Hide' : 'Show'}
            <Which type={type} createdAt={createdAt} />
          </Button>
          <Button small busy={busy} whyNot={whyNot} onClick={() => void resend(id)}>
            Send again
            <Which type={type} createdAt={createdAt} />
          </Button>
        </div>
      ),
    },
  ];
  return (
    <>
      <Failures failures={failures} />
      <Table
        compact
        caption="What was sent"
        columns={columns}
        rows={deliveries}
        rowId={({ id }) => id}
        detailsOf={(delivery) => (delivery.id === shown ? <Details delivery={delivery} /> : null)}
      />
    </>
  );
}

function Which({ type, createdAt }: Pick<Delivery, 'type' | 'createdAt'>) {
  return (
    <span className="sr-only">
      {' '}
      {words(type)}, <Time at={createdAt} style="full" />
    </span>
  );
}

const TONES: Record<Delivery['state'], Tone> = { DELIVERED: 'ok', PENDING: 'accent', GIVEN_UP: 'bad' };

const COLUMNS: ReadonlyArray<Column<Delivery>> = [
  {
    id: 'type',
    header: 'Event',
    wide: true,
    cell: ({ type, eventId }) => (
      <div className="min-w-40">
        {words(type)}
        <span className="block font-mono text-sm break-all text-ink-faint">{eventId}</span>
      </div>
    ),
  },
  { id: 'happened', header: 'Happened', cell: ({ createdAt }) => <Time at={createdAt} style="minute" /> },
  {
    id: 'state',
    header: 'State',
    cell: ({ state, nextAttemptAt }) => (
      <>
        <Status tone={TONES[state]}>{words(state)}</Status>
        {nextAttemptAt && (
          <span className="block text-sm text-ink-faint">
            tried again <Time at={nextAttemptAt} />
          </span>
        )}
      </>
    ),
  },
  { id: 'attempts', header: 'Attempts', numeric: true, cell: ({ attempts }) => formatCount(attempts.length) },
  { id: 'answer', header: 'Last answer', cell: ({ attempts }) => <Answer attempt={attempts.at(-1)} /> },
];

function Answer({ attempt }: { attempt: Attempt | undefined }) {
  if (!attempt) return <span className="text-ink-faint">None yet</span>;
  return <span className="block min-w-28">{attempt.error ?? `${attempt.status}`}</span>;
}

const ATTEMPT_COLUMNS: ReadonlyArray<Column<Attempt>> = [
  { id: 'number', header: 'Attempt', numeric: true, cell: ({ number }) => formatCount(number) },
  { id: 'started', header: 'Began', cell: ({ startedAt }) => <Time at={startedAt} style="full" /> },
  { id: 'status', header: 'Status', numeric: true, cell: ({ status }) => status ?? '–' },
  {
    id: 'latency',
    header: 'Took',
    numeric: true,
    cell: ({ latencyMilliseconds }) => `${formatCount(latencyMilliseconds)} ms`,
  },
  { id: 'error', header: 'Why it was not taken', wide: true, cell: ({ error }) => error },
];

function Details({ delivery: { attempts, body, eventId } }: { delivery: Delivery }) {
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Table
        compact
        caption={`Attempts of ${eventId}`}
        columns={ATTEMPT_COLUMNS}
        rows={attempts}
        rowId={({ number }) => String(number)}
      />
      <Code label="the body that is sent" code={body} />
    </div>
  );
}
