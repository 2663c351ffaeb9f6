import { Plus, Webhook } from 'lucide-react';
import { useState } from 'react';
import { useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import { Button, EmptyState, Loaded, NoPermission, PageHeader, Pagination, TextLink, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { CreateEndpointDialog } from './create-endpoint';
import { type Endpoint, WebhooksPage } from './documents';
import { Events } from './events';
import { Standing } from './standing';

/** Addresses of the organization that are told of what happens. */
export function WebhooksScreen() {
  const { may } = useSession();
  return (
    <>
      <PageHeader title="Webhooks">
        The platform posts to an address of yours when a cap is reached, an invoice is due, paid or overdue, or a
        service is stopped or goes on. Each message is signed.
      </PageHeader>
      {may('WEBHOOKS_READ') ? (
        <Endpoints />
      ) : (
        <NoPermission>Webhooks are for billing administrators, administrators and auditors.</NoPermission>
      )}
    </>
  );
}

function Endpoints() {
  const whyNot = useWhyNot()('WEBHOOKS_WRITE');
  const { page, next, previous } = usePage(20);
  const [isMaking, setMaking] = useState(false);
  const request = useRequest(WebhooksPage, page, {
    alsoChangesWith: ['WebhookEndpoint', 'RemoveWebhookEndpointPayload'],
  });
  const button = (
    <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setMaking(true)}>
      New endpoint
    </Button>
  );
  return (
    <>
      <Loaded request={request}>
        {({ webhookEndpoints: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={Webhook} title="No endpoints yet" actions={button}>
              An endpoint is an address and the events that it is told of.
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <div>{button}</div>
              <Table caption="Endpoints" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
              <Pagination
                of="endpoints"
                info={pageInfo}
                busy={request.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </div>
          )
        }
      </Loaded>
      {isMaking && <CreateEndpointDialog onClose={() => setMaking(false)} />}
    </>
  );
}

const COLUMNS: ReadonlyArray<Column<Endpoint>> = [
  {
    id: 'url',
    header: 'Address',
    wide: true,
    sortBy: ({ url }) => url,
    cell: ({ id, url, description }) => (
      <div className="min-w-48">
        <TextLink to={paths.webhook(id)} className="break-all">
          {url}
        </TextLink>
        {description && <p className="text-sm text-ink-faint">{description}</p>}
      </div>
    ),
  },
  { id: 'events', header: 'Told of', cell: ({ events }) => <Events events={events} /> },
  { id: 'state', header: 'State', cell: (endpoint) => <Standing endpoint={endpoint} /> },
  {
    id: 'made',
    header: 'Made',
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} style="day" />,
  },
];
