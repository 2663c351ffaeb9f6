import { Download, Sparkles, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useClient } from 'urql';
import { type Failure, failureOf, useAction, usePolling, useRequest } from '../../api';
import { paths, useWhyNot } from '../../app';
import { formatBytes, formatCount, formatPercent, words } from '../../format';
import { PreparationReport } from '../../preparation';
import {
  Button,
  Confirm,
  CopyButton,
  EmptyState,
  Facts,
  Failures,
  LinkButton,
  Loaded,
  Notice,
  Section,
  Time,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { CheckForm } from './check-form';
import { CheckStatus } from './check-status';
import { type Check, DatasetVersionContent, DatasetVersionPage, DeleteDatasetVersion, type Version } from './documents';
import type { DatasetSearch } from './route';

interface VersionPanelProps {
  id: string;
  projectId: string;
  search: DatasetSearch;
  look: (change: DatasetSearch) => void;
}

/** One version: what it is, and what checks of it found. */
export function VersionPanel({ id, projectId, search, look }: VersionPanelProps) {
  const request = useRequest(DatasetVersionPage, { id }, { alsoChangesWith: ['Preparation'] });
  const version =
    request.status === 'ready' && request.data.node && 'preparations' in request.data.node ? request.data.node : null;
  usePolling(request.refresh, version?.preparations.nodes.some(({ status }) => status === 'PENDING') ?? false);
  return (
    <Loaded request={request}>
      {() =>
        version ? (
          <div className="flex flex-col gap-8">
            <About version={version} />
            {version.status === 'READY' && <Checks {...{ version, projectId, search, look }} />}
          </div>
        ) : (
          <EmptyState title="This version is not here">Choose one of the versions above.</EmptyState>
        )
      }
    </Loaded>
  );
}

function About({ version }: { version: Version }) {
  const writeWhyNot = useWhyNot()('DATASETS_WRITE');
  const [deleting, setDeleting] = useState(false);
  const { download, failures } = useDownload(version.id);
  const remove = useAction(DeleteDatasetVersion, (data) => data.deleteDatasetVersion);
  const gone = version.status === 'DELETED';
  return (
    <Section
      title={`Version ${version.number ?? ''}`}
      actions={
        !gone && (
          <>
            <Button icon={Download} onClick={() => void download()}>
              Download
            </Button>
            <Button kind="danger" icon={Trash2} whyNot={writeWhyNot} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <LinkButton kind="primary" icon={Sparkles} to={paths.newFineTune()} search={{ file: version.id } as never}>
              Fine-tune with it
            </LinkButton>
          </>
        )
      }
    >
      <Failures failures={failures} />
      {gone && (
        <Notice title="This version was deleted">
          Its bytes are gone{version.removal && `, by ${version.removal.reason}`}. What it was stays on record, so that
          models trained on it can be traced.
        </Notice>
      )}
      <Facts
        columns
        facts={[
          { label: 'File', value: version.filename },
          {
            label: 'Size',
            value: `${formatBytes(version.bytes)}${version.contentEncoding === 'GZIP' ? ', gzip' : ''}`,
          },
          { label: 'Uploaded', value: <Time at={version.createdAt} /> },
          ...(version.deletedAt ? [{ label: 'Deleted', value: <Time at={version.deletedAt} /> }] : []),
          ...(version.keptUntil ? [{ label: 'Kept until', value: <Kept until={version.keptUntil} /> }] : []),
          { label: 'File id', value: <Copyable text={version.id} what="the file id" /> },
          { label: 'SHA-256', value: <Copyable text={version.sha256} what="the hash" short /> },
        ]}
      />
      <Confirm
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete version ${version.number}?`}
        confirm="Delete the version"
        onConfirm={async () => {
          const result = await remove.run({ versionId: version.id });
          return result.ok ? [] : result.failures;
        }}
      >
        <p>
          The bytes of {version.filename} are removed and can not be brought back. Its name and hash stay on record.
        </p>
      </Confirm>
    </Section>
  );
}

/** When it goes by itself; by what, for whoever asks. */
function Kept({ until: { at, reason } }: { until: NonNullable<Version['keptUntil']> }) {
  return (
    <span>
      <Time at={at} />
      <span className="block text-sm text-ink-faint">by {reason}</span>
    </span>
  );
}

function Copyable({ text, what, short }: { text: string; what: string; short?: boolean }) {
  return (
    <span className="flex items-center gap-1">
      <span className="truncate font-mono text-sm" title={text}>
        {short ? `${text.slice(0, 12)}…` : text}
      </span>
      <CopyButton text={text} what={what} />
    </span>
  );
}

/** The address is asked for when it is used: it holds for minutes only. */
function useDownload(id: string) {
  const client = useClient();
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const download = async () => {
    const { data, error } = await client
      .query(DatasetVersionContent, { id }, { requestPolicy: 'network-only' })
      .toPromise();
    setFailures(error ? [failureOf(error)] : []);
    const content = data?.node && 'content' in data.node ? data.node.content : null;
    if (content) location.assign(content.url);
  };
  return { download, failures };
}

function Checks({ version, projectId, search, look }: Omit<VersionPanelProps, 'id'> & { version: Version }) {
  const checks = version.preparations.nodes;
  const shown = search.check ?? checks[0]?.id;
  return (
    <Section
      title="Check for training"
      description="Reads every row as a checkpoint will: with its tokenizer, chat template and limits. The same check is done once and kept."
    >
      <CheckForm
        versionId={version.id}
        projectId={projectId}
        onChecked={(check) => look({ check, view: undefined })}
        startOpen={checks.length === 0}
      />
      {checks.length > 1 && (
        <Table
          compact
          caption="Checks of this version"
          columns={columnsOf((check) => look({ check, view: undefined }))}
          rows={checks}
          rowId={({ id }) => id}
          isSelected={({ id }) => id === shown}
        />
      )}
      {shown && (
        <div className="flex flex-col gap-3">
          {checks.length === 1 && checks[0] && <p className="text-ink-soft">{describe(checks[0])}</p>}
          <PreparationReport key={shown} id={shown} tab={search.view} onTabChange={(view) => look({ view })} />
        </div>
      )}
    </Section>
  );
}

function columnsOf(choose: (id: string) => void): ReadonlyArray<Column<Check>> {
  return [
    {
      id: 'checkpoint',
      header: 'For checkpoint',
      wide: true,
      cell: ({ id, checkpoint }) => (
        <button type="button" onClick={() => choose(id)} className="text-left text-accent hover:underline">
          {checkpoint?.name ?? 'A checkpoint that you may not see'}
        </button>
      ),
    },
    {
      id: 'status',
      header: 'Found',
      cell: ({ status, report }) => <CheckStatus status={status} errorCount={report?.errorCount} />,
    },
    { id: 'limit', header: 'Limit', numeric: true, cell: ({ policy }) => `${formatCount(policy.maxTokens)} tokens` },
    { id: 'overLong', header: 'Longer rows', cell: ({ policy }) => words(policy.overLong) },
    {
      id: 'validation',
      header: 'Set apart',
      numeric: true,
      cell: ({ policy }) => formatPercent(policy.validationFraction),
    },
    { id: 'when', header: 'Asked for', numeric: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}

function describe({ checkpoint, policy }: Check): string {
  const apart =
    policy.validationFraction > 0 ? `, ${formatPercent(policy.validationFraction)} set apart for validation` : '';
  return `For ${checkpoint?.name ?? 'a checkpoint that you may not see'}: at most ${formatCount(policy.maxTokens)} tokens a row${apart}.`;
}
