import { useNavigate } from '@tanstack/react-router';
import { PackageCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useAction, usePolling, useRequest } from '../../api';
import { paths, useWhyNot } from '../../app';
import { formatCount, formatTokens, plural, words } from '../../format';
import {
  Badge,
  Button,
  Confirm,
  EmptyState,
  Field,
  Loaded,
  PageHeader,
  Pagination,
  Select,
  Status,
  TextLink,
  Time,
  type Tone,
  toast,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { DiscardCheckpoint, type LabCheckpoint, LabCheckpointsPage } from './documents';
import { PublishQuestion } from './publish-checkpoint';
import { RetireDialog } from './retire-checkpoint';
import { CHECKPOINT_STATUSES, type CheckpointStatus, labCheckpointsRoute } from './route';
import { UseTagsDialog } from './use-tags';

type Asked = 'publish' | 'discard' | 'retire' | 'tag';

export function CheckpointsScreen() {
  const { status } = labCheckpointsRoute.useSearch();
  const navigate = useNavigate();
  const whyNot = useWhyNot()('CATALOG_PUBLISH');
  const { page, next, previous } = usePage(25, status);
  const request = useRequest(
    LabCheckpointsPage,
    { ...page, statuses: status ? [status] : null },
    { alsoChangesWith: ['Checkpoint'] },
  );
  // No subscription tells how the verification of a checkpoint ends.
  usePolling(request.refresh, request.status === 'ready' && request.data.checkpoints.nodes.some(isVerifying));
  const [asked, setAsked] = useState<{ what: Asked; checkpoint: LabCheckpoint } | null>(null);
  const columns = useMemo(
    (): Array<Column<LabCheckpoint>> => [
      ...FIXED_COLUMNS,
      {
        id: 'actions',
        header: 'Change',
        cell: (checkpoint) => (
          <Actions checkpoint={checkpoint} whyNot={whyNot} onAsk={(what) => setAsked({ what, checkpoint })} />
        ),
      },
    ],
    [whyNot],
  );
  const close = () => setAsked(null);
  return (
    <>
      <PageHeader title="Checkpoints of the lab">
        Drafts become public by publishing. Retiring ends new uses; what exists goes on.
      </PageHeader>
      <div className="flex flex-col gap-3">
        <Field label="State" className="w-44">
          <Select
            value={status ?? ''}
            onChange={(event) =>
              void navigate({
                to: paths.lab('checkpoints'),
                search: (event.target.value ? { status: event.target.value as CheckpointStatus } : {}) as never,
                replace: true,
              })
            }
          >
            <option value="">All</option>
            {CHECKPOINT_STATUSES.map((one) => (
              <option key={one} value={one}>
                {words(one)}
              </option>
            ))}
          </Select>
        </Field>
        <Loaded request={request}>
          {({ checkpoints: { nodes, pageInfo } }) =>
            nodes.length === 0 ? (
              <EmptyState
                icon={PackageCheck}
                title={status ? `None are ${words(status).toLowerCase()}` : 'No checkpoints'}
              >
                <p>Draft and upload them with the forkpoint command or the API; they are published here.</p>
              </EmptyState>
            ) : (
              <>
                <Table caption="Checkpoints of the lab" columns={columns} rows={nodes} rowId={({ id }) => id} />
                <Pagination
                  of="checkpoints"
                  info={pageInfo}
                  busy={request.refreshing}
                  onNext={next}
                  onPrevious={previous}
                />
              </>
            )
          }
        </Loaded>
      </div>
      {asked?.what === 'publish' && <PublishQuestion checkpoint={asked.checkpoint} onClose={close} />}
      {asked?.what === 'discard' && <DiscardQuestion checkpoint={asked.checkpoint} onClose={close} />}
      {asked?.what === 'tag' && <UseTagsDialog checkpoint={asked.checkpoint} onClose={close} />}
      {asked?.what === 'retire' && <RetireDialog checkpoint={asked.checkpoint} onClose={close} />}
    </>
  );
}

const isVerifying = ({ status }: LabCheckpoint) => status === 'VERIFYING';

const TONES: Record<CheckpointStatus, Tone> = {
  DRAFT: 'neutral',
  VERIFYING: 'accent',
  PUBLISHED: 'ok',
  RETIRED: 'warn',
};

function State({ checkpoint }: { checkpoint: LabCheckpoint }) {
  const { status, publishedAt, retiredAt, retirementReason, publicationProblems: problems } = checkpoint;
  const { exportClassification, computeRegions } = checkpoint;
  const at = retiredAt ?? publishedAt;
  return (
    <>
      <Status tone={TONES[status]} live={status === 'VERIFYING'}>
        {words(status)}
      </Status>
      <span className="block text-sm text-ink-faint">
        {at && <Time at={at} />}
        {retirementReason && `: ${retirementReason}`}
      </span>
      {(exportClassification || computeRegions.length > 0) && (
        <span className="flex flex-wrap gap-1">
          {exportClassification && <Badge>{exportClassification}</Badge>}
          {computeRegions.length > 0 && <Badge>{computeRegions.join(', ')} alone</Badge>}
        </span>
      )}
      {problems.length > 0 && (
        <details className="text-sm text-bad">
          <summary>{plural(problems.length, 'problem')} kept it from being published</summary>
          <ul>
            {problems.map(({ path, problem }) => (
              <li key={path}>
                <span className="font-mono">{path}</span>: {problem}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const FIXED_COLUMNS: ReadonlyArray<Column<LabCheckpoint>> = [
  {
    id: 'name',
    header: 'Name',
    wide: true,
    sortBy: ({ name }) => name,
    cell: ({ name, family }) => (
      <div className="min-w-48">
        <TextLink to={paths.model(name)} className="break-all">
          {name}
        </TextLink>
        <span className="block text-sm text-ink-faint">{family?.displayName}</span>
      </div>
    ),
  },
  { id: 'step', header: 'Step', numeric: true, sortBy: ({ step }) => step, cell: ({ step }) => formatCount(step) },
  {
    id: 'tokens',
    header: 'Trained on',
    numeric: true,
    sortBy: ({ tokensSeen }) => Number(tokensSeen),
    cell: ({ tokensSeen }) => formatTokens(tokensSeen),
  },
  { id: 'state', header: 'State', sortBy: ({ status }) => status, cell: (row) => <State checkpoint={row} /> },
  {
    id: 'created',
    header: 'Drafted',
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

interface ActionsProps {
  checkpoint: LabCheckpoint;
  whyNot: string | null;
  onAsk: (what: Asked) => void;
}

function Actions({ checkpoint: { status, kind, name }, whyNot, onAsk }: ActionsProps) {
  const of = <span className="sr-only"> {name}</span>;
  // An adapter stands under the tags of its base.
  const tag = kind !== 'ADAPTER' && (
    <Button small whyNot={whyNot} onClick={() => onAsk('tag')}>
      Who and where{of}
    </Button>
  );
  if (status === 'DRAFT') {
    return (
      <span className="flex gap-1.5">
        <Button small whyNot={whyNot} onClick={() => onAsk('publish')}>
          Publish{of}
        </Button>
        {tag}
        <Button small kind="danger" whyNot={whyNot} onClick={() => onAsk('discard')}>
          Discard{of}
        </Button>
      </span>
    );
  }
  if (status !== 'PUBLISHED') return null;
  return (
    <span className="flex gap-1.5">
      {tag}
      <Button small kind="danger" whyNot={whyNot} onClick={() => onAsk('retire')}>
        Retire{of}
      </Button>
    </span>
  );
}

function DiscardQuestion({ checkpoint, onClose }: { checkpoint: LabCheckpoint; onClose: () => void }) {
  const { run } = useAction(DiscardCheckpoint, (data) => data.discardCheckpoint);
  const discard = async () => {
    const result = await run({ checkpointId: checkpoint.id });
    if (!result.ok) return result.failures;
    toast(`${checkpoint.name} is discarded`);
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Discard ${checkpoint.name}?`}
      confirm="Discard"
      onConfirm={discard}
    >
      <p>The draft and what was uploaded for it are removed; its name is free again. This can not be undone.</p>
    </Confirm>
  );
}
