import { useMemo } from 'react';
import { useRequest } from '../../api';
import { formatUtc, words } from '../../format';
import { exactQuantity, type Meter } from '../../terms';
import { Loaded, LoadingState, Pagination, Time, useForwardPage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { InvoiceLineUsage, InvoiceUsageEvents, type LineUsage } from './documents';

interface UsageOfLineProps {
  invoiceId: string;
  lineId: string;
  meter: Meter;
}

/** The requests, jobs and days of storage that a line charges, in the order in which they were let in. */
export function UsageOfLine({ invoiceId, lineId, meter }: UsageOfLineProps) {
  const { page, turned, next, previous } = useForwardPage(20);
  const request = useRequest(InvoiceLineUsage, { invoiceId, lineId, ...page }, { requestPolicy: 'cache-first' });
  return (
    <div className="flex flex-col gap-2 py-1">
      <Loaded request={request} skeleton={<LoadingState lines={3} label="Loading the usage" />}>
        {({ invoiceLineUsage: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <p className="text-ink-faint">No usage is on record for it.</p>
          ) : (
            <>
              <UsageTable usage={nodes} meter={meter} />
              <Pagination
                of="usage"
                info={{ ...pageInfo, hasPreviousPage: turned }}
                busy={request.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </>
          )
        }
      </Loaded>
    </div>
  );
}

function UsageTable({ usage, meter }: { usage: readonly LineUsage[]; meter: Meter }) {
  const rows = useMemo(() => [...usage], [usage]);
  const events = useEvents(rows);
  const columns: ReadonlyArray<Column<LineUsage>> = [
    { id: 'admitted', header: 'Admitted', cell: ({ admittedAt }) => <Time at={admittedAt} style="minute" /> },
    { id: 'final', header: 'Ended on record', cell: ({ finalAt }) => <Time at={finalAt} style="minute" /> },
    { id: 'kind', header: 'Kind', cell: ({ id }) => words(events.get(id)?.kind ?? '') },
    {
      id: 'model',
      header: 'Model',
      wide: true,
      cell: ({ id, admittedAt }) =>
        modelOf(events.get(id)) ?? (
          <span title={formatUtc(admittedAt)} className="font-mono text-sm">
            {id}
          </span>
        ),
    },
    { id: 'quantity', header: 'Quantity', numeric: true, cell: ({ quantity }) => exactQuantity(meter, quantity) },
  ];
  return <Table compact caption="Usage of the line" columns={columns} rows={rows} rowId={({ id }) => id} />;
}

function modelOf(event: { kind: string; model: string | null } | undefined): string | null | undefined {
  return event?.kind === 'STORAGE' ? (event.model ?? 'Files') : event?.model;
}

/** What each was, as far as the reader may see it. */
function useEvents(usage: readonly LineUsage[]) {
  const ids = usage.map(({ id }) => id);
  const request = useRequest(InvoiceUsageEvents, { ids }, { requestPolicy: 'cache-first' });
  const nodes = request.status === 'ready' ? request.data.nodes : undefined;
  return useMemo(
    () => new Map((nodes ?? []).flatMap((node) => (node && 'kind' in node ? [[node.id, node] as const] : []))),
    [nodes],
  );
}
