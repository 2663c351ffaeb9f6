import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback } from 'react';
import { usePolling, useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import { formatBytes } from '../../format';
import { Badge, EmptyState, Loaded, NoPermission, PageHeader, Pagination, Section, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { FileDrop, UploadProgress, useUploads } from '../../upload';
import { CheckStatus } from './check-status';
import { type Dataset, DatasetPage, type VersionRow } from './documents';
import { ACCEPTED_FILES, FILE_HINT } from './file-rules';
import { type DatasetSearch, datasetRoute } from './route';
import { VersionPanel } from './version-panel';

const CRUMBS = [{ label: 'Datasets', to: paths.datasets() }];

export function DatasetScreen() {
  const { id } = datasetRoute.useParams();
  const { may } = useSession();
  const { page, next, previous } = usePage(10, id);
  const request = useRequest(
    DatasetPage,
    { id, ...page },
    { pause: !may('DATASETS_READ'), alsoChangesWith: ['DatasetVersion', 'Preparation'] },
  );
  const dataset =
    request.status === 'ready' && request.data.node && 'versions' in request.data.node ? request.data.node : null;
  const checking = dataset?.versions.nodes.some(({ preparations }) => preparations.nodes[0]?.status === 'PENDING');
  usePolling(request.refresh, checking ?? false);
  if (!may('DATASETS_READ')) {
    return (
      <>
        <PageHeader title="Dataset" crumbs={CRUMBS} />
        <NoPermission>Datasets are for roles with the permission datasets:read. Ask an administrator.</NoPermission>
      </>
    );
  }
  return (
    <>
      <PageHeader key={dataset?.id} title={dataset?.name ?? 'Dataset'} crumbs={CRUMBS}>
        {dataset?.description}
      </PageHeader>
      <Loaded request={request}>
        {() =>
          dataset ? (
            <Versions
              dataset={dataset}
              refresh={request.refresh}
              pages={
                <Pagination
                  of="versions"
                  info={dataset.versions.pageInfo}
                  busy={request.refreshing}
                  onNext={next}
                  onPrevious={previous}
                />
              }
            />
          ) : (
            <EmptyState title="There is no such dataset">
              It belongs to another organization, or the address is wrong. Look for it in the list of datasets.
            </EmptyState>
          )
        }
      </Loaded>
    </>
  );
}

interface VersionsProps {
  dataset: Dataset;
  refresh: () => void;
  pages: ReactNode;
}

function Versions({ dataset, refresh, pages }: VersionsProps) {
  const search = datasetRoute.useSearch();
  const navigate = useNavigate();
  const whyNot = useWhyNot()('DATASETS_WRITE');
  const { tasks, start, remove } = useUploads(dataset.id);
  const versions = dataset.versions.nodes;
  const shown = search.version ?? versions.find(({ status }) => status === 'READY')?.id ?? versions[0]?.id;
  const look = useCallback(
    (change: DatasetSearch) =>
      void navigate({
        to: paths.dataset(dataset.id),
        search: ((old: DatasetSearch) => ({ ...old, ...change })) as never,
        replace: true,
      }),
    [navigate, dataset.id],
  );
  const onDone = (version: string) => {
    refresh();
    look({ version, check: undefined, view: undefined });
  };
  return (
    <div className="flex flex-col gap-8">
      <Section title="Versions">
        <FileDrop
          title={versions.length === 0 ? 'Drop the first file' : 'Drop a file to add a version'}
          hint={FILE_HINT}
          accept={ACCEPTED_FILES}
          whyNot={whyNot}
          onFile={(file) => start(file, dataset.id)}
        />
        {tasks.map((task) => (
          <UploadProgress key={task.id} task={task} onDone={onDone} onDismiss={() => remove(task)} />
        ))}
        {versions.length > 0 && (
          <Table
            caption="Versions of this dataset"
            columns={columnsOf(dataset.id)}
            rows={versions}
            rowId={({ id }) => id}
            isSelected={({ id }) => id === shown}
          />
        )}
        {pages}
      </Section>
      {shown && <VersionPanel key={shown} id={shown} projectId={dataset.projectId} search={search} look={look} />}
    </div>
  );
}

function columnsOf(datasetId: string): ReadonlyArray<Column<VersionRow>> {
  return [
    {
      id: 'number',
      header: 'Version',
      cell: ({ id, number }) => (
        <Link
          to={paths.dataset(datasetId)}
          search={{ version: id } as never}
          replace
          className="font-medium whitespace-nowrap text-accent underline-offset-2 hover:underline"
        >
          Version {number}
        </Link>
      ),
    },
    {
      id: 'filename',
      header: 'File',
      wide: true,
      cell: ({ filename, status }) => (
        <span className="flex min-w-40 flex-wrap items-center gap-2">
          <span className="break-all">{filename}</span>
          {status === 'DELETED' && <Badge>Deleted</Badge>}
        </span>
      ),
    },
    { id: 'size', header: 'Size', numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
    {
      id: 'check',
      header: 'Last check',
      cell: ({ preparations }) => {
        const check = preparations.nodes[0];
        return check ? (
          <CheckStatus status={check.status} errorCount={check.report?.errorCount} />
        ) : (
          <span className="whitespace-nowrap text-ink-faint">Not checked</span>
        );
      },
    },
    { id: 'created', header: 'Uploaded', numeric: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
  ];
}
