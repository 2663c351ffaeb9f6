import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { Card, EmptyState, Facts, LinkButton, Loaded, NoPermission, Notice, PageHeader, Section, Time } from '../../ui';
import { Deliveries } from './deliveries';
import { type Endpoint, WebhookPage } from './documents';
import { EndpointActions } from './endpoint-actions';
import { Events } from './events';
import { webhookRoute } from './route';
import { Standing } from './standing';

const CRUMBS = [{ label: 'Webhooks', to: paths.webhooks() }];

/** One endpoint: what it is told of, and what came of each message. */
export function WebhookScreen() {
  const { id } = webhookRoute.useParams();
  const { may } = useSession();
  if (!may('WEBHOOKS_READ')) {
    return (
      <>
        <PageHeader title="Endpoint" crumbs={CRUMBS} />
        <NoPermission>Webhooks are for billing administrators, administrators and auditors.</NoPermission>
      </>
    );
  }
  return <KnownEndpoint key={id} id={id} />;
}

function KnownEndpoint({ id }: { id: string }) {
  const request = useRequest(WebhookPage, { id });
  const node = request.status === 'ready' ? request.data.node : null;
  const endpoint = node && 'url' in node ? node : null;
  return (
    <>
      <PageHeader title="Endpoint" crumbs={CRUMBS} actions={endpoint && <EndpointActions endpoint={endpoint} />}>
        {endpoint && <span className="font-mono text-sm break-all">{endpoint.url}</span>}
      </PageHeader>
      <Loaded request={request}>{() => (endpoint ? <Found endpoint={endpoint} /> : <Gone />)}</Loaded>
    </>
  );
}

function Gone() {
  return (
    <EmptyState
      title="There is no such endpoint"
      actions={<LinkButton to={paths.webhooks()}>All endpoints</LinkButton>}
    >
      It may have been removed.
    </EmptyState>
  );
}

function Found({ endpoint }: { endpoint: Endpoint }) {
  const { id, description, events, createdAt, disabledAt, previousSecretUntil } = endpoint;
  return (
    <div className="flex flex-col gap-5">
      {disabledAt && (
        <Notice tone="warn" title="It is told of nothing">
          Every attempt failed for days. Enable it once it answers, and send again what it missed.
        </Notice>
      )}
      <Card title="At a glance">
        <Facts
          columns
          facts={[
            { label: 'State', value: <Standing endpoint={endpoint} /> },
            ...(description ? [{ label: 'What it is', value: description }] : []),
            { label: 'Made', value: <Time at={createdAt} style="minute" /> },
            ...(previousSecretUntil
              ? [{ label: 'Secret before signs until', value: <Time at={previousSecretUntil} style="minute" /> }]
              : []),
          ]}
        />
        <Events events={events} />
      </Card>
      <Section
        title="Deliveries"
        description="Each is tried again until it is taken: 13 times in some three days. The webhook-id stays the same."
      >
        <Deliveries endpointId={id} canResend={!disabledAt} />
      </Section>
    </div>
  );
}
