import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useRequest } from '../../api';
import { paths, useProject, useSession, useWhyNot } from '../../app';
import { formatBytes } from '../../format';
import { Button, EmptyState, Loaded, NoPermission, PageHeader, Pagination, TextLink, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { FileDrop } from '../../upload';
import { CheckStatus } from './check-status';
import { type DatasetRow, DatasetsPage } from './documents';
import { ACCEPTED_FILES, FILE_HINT } from './file-rules';
import { NewDataset } from './new-dataset';

export function DatasetsScreen() {
  const project = useProject();
  const { may } = useSession();
  const whyNot = useWhyNot()('DATASETS_WRITE');
  const [draft, setDraft] = useState<{ file: File | null } | null>(null);
  if (!may('DATASETS_READ')) {
    return (
      <>
        <PageHeader title="Datasets" />
        <NoPermission>Datasets are for roles with the permission datasets:read. Ask an administrator.</NoPermission>
      </>
    );
  }
  const noProject = project ? null : 'You are in no project. An administrator adds you to one.';
  return (
    <>
      <PageHeader
        title="Datasets"
        actions={
          <Button kind="primary" icon={Plus} whyNot={whyNot ?? noProject} onClick={() => setDraft({ file: null })}>
            New dataset
          </Button>
        }
      >
        Training data of {project?.name ?? 'your project'}, in versions that never change once they are here.
      </PageHeader>
      <div className="flex flex-col gap-5">
        <FileDrop
          title="Drop a file to begin a dataset"
          hint={FILE_HINT}
          accept={ACCEPTED_FILES}
          whyNot={whyNot ?? noProject}
          onFile={(file) => setDraft({ file })}
        />
        <List projectId={project?.id} />
      </div>
      {project && draft && <NewDataset projectId={project.id} file={draft.file} onClose={() => setDraft(null)} />}
    </>
  );
}

function List({ projectId }: { projectId?: string }) {
  const { page, next, previous } = usePage(25, projectId);
  const request = useRequest(
    DatasetsPage,
    { ...page, projectId },
    { alsoChangesWith: ['Dataset', 'DatasetVersion', 'Preparation', 'Upload'] },
  );
  return (
    <Loaded request={request}>
      {({ datasets: { nodes, pageInfo } }) =>
        nodes.length === 0 ? (
          <EmptyState title="No datasets yet">
            A dataset holds the rows that a fine-tune learns from. Drop a file above: it is checked row by row before
            anything is trained.
          </EmptyState>
        ) : (
          <>
            <Table caption="Datasets of the project" columns={COLUMNS} rows={nodes} rowId={({ id }) => id} />
            <Pagination of="datasets" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
          </>
        )
      }
    </Loaded>
  );
}

const newest = ({ versions }: DatasetRow) => versions.nodes[0];

const COLUMNS: ReadonlyArray<Column<DatasetRow>> = [
  {
    id: 'name',
    header: 'Name',
    wide: true,
    sortBy: ({ name }) => name,
    cell: ({ id, name, description }) => (
      <div className="min-w-40">
        <TextLink to={paths.dataset(id)} className="font-medium">
          {name}
        </TextLink>
        {description && <p className="line-clamp-1 text-sm text-ink-faint">{description}</p>}
      </div>
    ),
  },
  {
    id: 'file',
    header: 'Newest version',
    cell: (row) => {
      const version = newest(row);
      if (!version) return <span className="text-ink-faint">No file yet</span>;
      return (
        <div className="min-w-40">
          <p className="break-all">{version.filename}</p>
          <p className="text-sm text-ink-faint">
            Version {version.number}
            {version.status === 'DELETED' && ', deleted'}
          </p>
        </div>
      );
    },
  },
  {
    id: 'size',
    header: 'Size',
    numeric: true,
    sortBy: (row) => Number(newest(row)?.bytes ?? 0),
    cell: (row) => formatBytes(newest(row)?.bytes ?? 0),
  },
  {
    id: 'check',
    header: 'Last check',
    cell: (row) => {
      const check = newest(row)?.preparations.nodes[0];
      if (!check) return <span className="whitespace-nowrap text-ink-faint">Not checked</span>;
      return (
        <div className="flex flex-col items-start gap-0.5">
          <CheckStatus status={check.status} errorCount={check.report?.errorCount} />
          {check.checkpoint && (
            <span className="text-sm whitespace-nowrap text-ink-faint">for {check.checkpoint.name}</span>
          )}
        </div>
      );
    },
  },
  {
    id: 'changed',
    header: 'Changed',
    numeric: true,
    sortBy: (row) => newest(row)?.createdAt ?? row.createdAt,
    cell: (row) => <Time at={newest(row)?.createdAt ?? row.createdAt} />,
  },
];
