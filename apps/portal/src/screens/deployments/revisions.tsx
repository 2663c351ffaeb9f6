import { useMemo, useState } from 'react';
import { type ResultOf, useAction, useNames, useRequest } from '../../api';
import { paths, useWhyNot } from '../../app';
import { Badge, Button, Confirm, Loaded, MadeBy, Pagination, Section, TextLink, Time, toast, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { ActivateRevision, DeploymentRevisions } from './documents';
import { EngineState } from './serving';

type Revision = NonNullable<ResultOf<typeof DeploymentRevisions>['deployment']>['revisions']['nodes'][number];

interface RevisionsProps {
  deploymentId: string;
  name: string;
  /** Told live, so ahead of the list at times. */
  activeRevisionId: string | undefined;
}

/** What answered, answers and could answer under the name; a switch is one press away. */
export function Revisions({ deploymentId, name, activeRevisionId }: RevisionsProps) {
  const { page, next, previous } = usePage(10, deploymentId);
  const request = useRequest(DeploymentRevisions, { name: deploymentId, ...page });
  const nodes = request.status === 'ready' ? request.data.deployment?.revisions.nodes : undefined;
  const names = useNames(nodes?.map(({ createdBy }) => createdBy) ?? []);
  const whyNot = useWhyNot()('DEPLOYMENTS_WRITE');
  const [switchTo, setSwitchTo] = useState<Revision | null>(null);
  const columns = useMemo(
    (): Array<Column<Revision>> => [
      ...FIXED_COLUMNS,
      {
        id: 'made',
        header: 'Made',
        cell: ({ createdAt, createdBy }) => (
          <>
            <Time at={createdAt} />
            <span className="block text-sm whitespace-nowrap text-ink-faint">
              by <MadeBy id={createdBy} names={names} />
            </span>
          </>
        ),
      },
      {
        id: 'switch',
        header: 'Switch',
        cell: (revision) =>
          revision.id === activeRevisionId ? (
            <Badge tone="ok">Answers now</Badge>
          ) : (
            <Button small whyNot={whyNot} onClick={() => setSwitchTo(revision)}>
              Switch<span className="sr-only"> to revision {revision.number}</span>
            </Button>
          ),
      },
    ],
    [activeRevisionId, names, whyNot],
  );
  return (
    <Section title="Revisions" description="Never changed: another checkpoint is another revision.">
      <Loaded request={request}>
        {({ deployment }) =>
          deployment && (
            <>
              <Table
                caption={`Revisions of ${name}`}
                columns={columns}
                rows={deployment.revisions.nodes}
                rowId={({ id }) => id}
                isSelected={({ id }) => id === activeRevisionId}
              />
              <Pagination
                of="revisions"
                info={deployment.revisions.pageInfo}
                busy={request.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </>
          )
        }
      </Loaded>
      {switchTo && <SwitchQuestion deploymentId={deploymentId} revision={switchTo} onClose={() => setSwitchTo(null)} />}
    </Section>
  );
}

interface SwitchQuestionProps {
  deploymentId: string;
  revision: Revision;
  onClose: () => void;
}

function SwitchQuestion({ deploymentId, revision, onClose }: SwitchQuestionProps) {
  const { run } = useAction(ActivateRevision, (data) => data.activateRevision);
  const activate = async () => {
    const result = await run({ deploymentId, revisionId: revision.id });
    if (!result.ok) return result.failures;
    toast(`Revision ${revision.number} answers`);
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Switch to revision ${revision.number}?`}
      confirm="Switch"
      kind="primary"
      onConfirm={activate}
    >
      <p>
        <span className="break-all">{revision.checkpointName}</span> answers within a second. Requests that run are
        finished by the revision they began with.
      </p>
      {revision.serving.state !== 'READY' && <p>Its engine is not ready: calls are held until it is.</p>}
    </Confirm>
  );
}

const FIXED_COLUMNS: ReadonlyArray<Column<Revision>> = [
  { id: 'number', header: 'Revision', numeric: true, cell: ({ number }) => number },
  {
    id: 'checkpoint',
    header: 'Checkpoint',
    wide: true,
    cell: ({ checkpointName, entitlementClause }) => (
      <>
        <TextLink to={paths.model(checkpointName)} className="block min-w-40 break-all">
          {checkpointName}
        </TextLink>
        {entitlementClause && <span className="block text-sm text-ink-faint">under {entitlementClause}</span>}
      </>
    ),
  },
  { id: 'engine', header: 'Engine', cell: ({ serving }) => <EngineState serving={serving} /> },
];
