import { useNavigate } from '@tanstack/react-router';
import { Plus, Rocket } from 'lucide-react';
import { useState } from 'react';
import { type ResultOf, useRequest } from '../../api';
import { paths, useProject, useSession, useWhyNot } from '../../app';
import { Button, EmptyState, Loaded, PageHeader, Pagination, TextLink, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { CreateDeploymentDialog } from './create-deployment';
import { DeploymentsPage } from './documents';
import { deploymentsRoute } from './route';
import { DeploymentStatus, EngineState } from './serving';

type Row = ResultOf<typeof DeploymentsPage>['deployments']['nodes'][number];

export function DeploymentsScreen() {
  const { checkpoint } = deploymentsRoute.useSearch();
  const navigate = useNavigate();
  const project = useProject();
  const { may } = useSession();
  const whyNot = useWhyNot();
  const { page, next, previous } = usePage(20, project?.id);
  const deployments = useRequest(
    DeploymentsPage,
    { ...page, projectId: project?.id },
    { alsoChangesWith: ['Deployment'] },
  );
  const [creating, setCreating] = useState(checkpoint !== undefined && may('DEPLOYMENTS_WRITE'));
  const openOrClose = (open: boolean) => {
    setCreating(open);
    if (!open && checkpoint) void navigate({ to: paths.deployments(), search: {}, replace: true });
  };
  const isEmpty = deployments.status === 'ready' && deployments.data.deployments.nodes.length === 0;
  const create = (
    <Button kind="primary" icon={Plus} whyNot={whyNot('DEPLOYMENTS_WRITE')} onClick={() => setCreating(true)}>
      New deployment
    </Button>
  );
  return (
    <>
      <PageHeader title="Deployments" actions={isEmpty ? null : create}>
        A name that stays while the checkpoint behind it changes. Give it to applications, and switch behind it.
      </PageHeader>
      <Loaded request={deployments}>
        {({ deployments: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={Rocket} title={`No deployments in ${project?.name ?? 'this project'}`} actions={create}>
              <p>
                A checkpoint answers under its own name without one. Deploy it when applications should keep one name
                while you improve what answers.
              </p>
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <Table caption="Deployments" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
              <Pagination
                of="deployments"
                info={pageInfo}
                busy={deployments.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </div>
          )
        }
      </Loaded>
      {creating && <CreateDeploymentDialog checkpoint={checkpoint} onOpenChange={openOrClose} />}
    </>
  );
}

const COLUMNS: ReadonlyArray<Column<Row>> = [
  {
    id: 'name',
    header: 'Name',
    sortBy: ({ slug }) => slug,
    cell: ({ id, name }) => (
      <TextLink to={paths.deployment(id)} className="font-medium whitespace-nowrap">
        {name}
      </TextLink>
    ),
  },
  {
    id: 'status',
    header: 'Calls',
    sortBy: ({ status }) => status,
    cell: (row) => <DeploymentStatus status={row.status} />,
  },
  { id: 'engine', header: 'Engine', cell: ({ serving }) => <EngineState serving={serving} /> },
  {
    id: 'checkpoint',
    header: 'Answers with',
    wide: true,
    cell: ({ activeRevision }) =>
      activeRevision && (
        <>
          <TextLink to={paths.model(activeRevision.checkpointName)} className="block min-w-40 break-all">
            {activeRevision.checkpointName}
          </TextLink>
          <span className="text-sm whitespace-nowrap text-ink-faint">revision {activeRevision.number}</span>
        </>
      ),
  },
  {
    id: 'activated',
    header: 'Since',
    sortBy: ({ activatedAt }) => activatedAt,
    cell: ({ activatedAt }) => <Time at={activatedAt} />,
  },
];
