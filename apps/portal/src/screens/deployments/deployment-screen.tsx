import { useEffect, useState } from 'react';
import { type ResultOf, useNames, useRequest, useSubscriptionFeed } from '../../api';
import { paths } from '../../app';
import { formatTokens } from '../../format';
import { Card, EmptyState, Facts, LinkButton, Loaded, MadeBy, Notice, PageHeader, TextLink, Time } from '../../ui';
import { Connect } from './connect';
import { DeploymentActions } from './deployment-actions';
import { DeploymentChanges, DeploymentPage, type LiveState } from './documents';
import { Revisions } from './revisions';
import { deploymentRoute } from './route';
import { DeploymentStatus, EngineState } from './serving';
import { Traffic } from './traffic';

type Deployment = NonNullable<ResultOf<typeof DeploymentPage>['deployment']>;

export function DeploymentScreen() {
  const { id } = deploymentRoute.useParams();
  const request = useRequest(DeploymentPage, { name: id });
  if (request.status !== 'ready') {
    return (
      <>
        <PageHeader title="Deployment" crumbs={CRUMBS} />
        <Loaded request={request}>{() => null}</Loaded>
      </>
    );
  }
  return (
    <Loaded request={request}>
      {({ deployment }) =>
        deployment ? <Known key={deployment.id} deployment={deployment} refresh={request.refresh} /> : <Gone />
      }
    </Loaded>
  );
}

const CRUMBS = [{ label: 'Deployments', to: paths.deployments() }];

function Gone() {
  return (
    <>
      <PageHeader title="Deployment" crumbs={CRUMBS} />
      <EmptyState
        title="There is no such deployment"
        actions={<LinkButton to={paths.deployments()}>All deployments</LinkButton>}
      >
        <p>It was deleted, or it belongs to a project that is not yours.</p>
      </EmptyState>
    </>
  );
}

function Known({ deployment, refresh }: { deployment: Deployment; refresh: () => void }) {
  const state = useLiveState(deployment);
  const { name, project, createdAt, createdBy } = deployment;
  const names = useNames([createdBy]);
  const { status, activeRevision: active, serving } = state;
  const knownRevisionId = deployment.activeRevision?.id;
  // Somebody else switched: the revisions below are asked for again.
  useEffect(() => {
    if (active?.id !== knownRevisionId) refresh();
  }, [active?.id, knownRevisionId, refresh]);

  if (status === 'DELETED') return <Gone />;
  return (
    <>
      <PageHeader
        title={name}
        crumbs={CRUMBS}
        status={<DeploymentStatus status={status} />}
        actions={
          <DeploymentActions id={deployment.id} name={name} status={status} activeNumber={active?.number ?? 1} />
        }
      />
      <div className="flex flex-col gap-5">
        {status === 'PAUSED' && (
          <Notice tone="warn" title="Calls are refused">
            They get deployment_paused until it is resumed.
          </Notice>
        )}
        {status === 'ACTIVE' && serving?.state === 'FAILED' && (
          <Notice tone="bad" title="Its engine could not be started">
            It is tried again by itself. If it keeps failing, roll back, and give the lab the name of the checkpoint.
          </Notice>
        )}
        <Card title="Now">
          <div className="grid gap-x-10 gap-y-1.5 md:grid-cols-2">
            <Facts
              facts={[
                { label: 'Engine', value: <EngineState serving={serving} /> },
                {
                  label: 'Checkpoint',
                  value: active && (
                    <TextLink to={paths.model(active.checkpointName)} className="break-all">
                      {active.checkpointName}
                    </TextLink>
                  ),
                },
                { label: 'Revision', value: active?.number ?? 'none' },
                { label: 'Answers since', value: <Time at={state.activatedAt} /> },
              ]}
            />
            <Facts
              facts={[
                { label: 'Context length', value: active ? formatTokens(active.contextLength) : 'unknown' },
                { label: 'Chat template', value: active?.templateSha256 ? 'Yes' : 'None: it continues text' },
                { label: 'Project', value: project?.name ?? 'unknown' },
                {
                  label: 'Made',
                  value: (
                    <>
                      <Time at={createdAt} /> by <MadeBy id={createdBy} names={names} />
                    </>
                  ),
                },
              ]}
            />
          </div>
        </Card>
        <Traffic deploymentId={deployment.id} name={name} />
        <Revisions deploymentId={deployment.id} name={name} activeRevisionId={active?.id} />
        <Connect model={name} hasChatTemplate={Boolean(active?.templateSha256)} />
      </div>
    </>
  );
}

/** The newest that is known: what the page asked for, or what the platform told since. */
function useLiveState(deployment: Deployment): LiveState {
  const [told, setTold] = useState<LiveState | null>(null);
  useSubscriptionFeed(DeploymentChanges, { deploymentId: deployment.id }, ({ deploymentChanged }) =>
    setTold(deploymentChanged),
  );
  return told && told.updatedAt >= deployment.updatedAt ? told : deployment;
}
