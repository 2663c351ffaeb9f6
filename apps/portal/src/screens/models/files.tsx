import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { useAction, useRequest } from '../../api';
import { formatBytes, plural, words } from '../../format';
import { whyNotEntitled } from '../../licensing';
import { EmptyState, Failures, Hash, IconButton, Loaded, Section } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { DownloadModelFile, type Model, type ModelFile, ModelFiles } from './documents';

/** What a checkpoint consists of, by content; each file to download where that is granted. */
export function Files({ model }: { model: Model }) {
  const request = useRequest(ModelFiles, { model: model.name });
  return (
    <Section title="Files">
      <Loaded request={request}>
        {({ checkpoint }) =>
          checkpoint && checkpoint.files.length > 0 ? (
            <FileTable model={model} files={checkpoint.files} />
          ) : (
            <EmptyState title="No files to see">They are listed once the checkpoint is published.</EmptyState>
          )
        }
      </Loaded>
    </Section>
  );
}

function FileTable({ model, files }: { model: Model; files: ModelFile[] }) {
  const download = useAction(DownloadModelFile, (data) => data.createCheckpointDownload);
  const { run, busy } = download;
  const columns = useMemo((): ReadonlyArray<Column<ModelFile>> => {
    const fetchFile = async ({ path, part }: ModelFile) => {
      const result = await run({ model: model.name, part });
      const file = result.ok ? result.payload.files?.find((candidate) => candidate.path === path) : undefined;
      if (file) location.assign(file.url);
    };
    const whyNot = (part: ModelFile['part']) =>
      whyNotEntitled(model, part === 'WEIGHTS' ? 'DOWNLOAD_WEIGHTS' : 'DOWNLOAD_OPTIMIZER_STATE');
    return [
      {
        id: 'path',
        header: 'Name',
        wide: true,
        sortBy: ({ path }) => path,
        cell: ({ path }) => <span className="block min-w-40 pt-1 font-mono text-sm break-all">{path}</span>,
      },
      { id: 'part', header: 'Part of', cell: ({ part }) => <span className="block pt-1">{words(part)}</span> },
      {
        id: 'bytes',
        header: 'Size',
        numeric: true,
        sortBy: ({ bytes }) => Number(bytes),
        cell: ({ bytes }) => <span className="block pt-1">{formatBytes(bytes)}</span>,
      },
      { id: 'sha256', header: 'SHA-256', cell: ({ sha256, path }) => <Hash sha256={sha256} of={path} /> },
      {
        id: 'download',
        header: 'Download',
        numeric: true,
        cell: (file) => (
          <IconButton
            icon={Download}
            label={`Download ${file.path}`}
            busy={busy}
            whyNot={whyNot(file.part)}
            onClick={() => void fetchFile(file)}
          />
        ),
      },
    ];
  }, [model, run, busy]);
  const bytes = files.reduce((sum, file) => sum + Number(file.bytes), 0);
  return (
    <>
      <p className="text-ink-soft">
        {plural(files.length, 'file')}, {formatBytes(bytes)}
      </p>
      <Failures failures={download.failures} />
      <Table
        compact
        caption="Files of this model"
        columns={columns}
        rows={files}
        rowId={({ path, part }) => `${part} ${path}`}
      />
    </>
  );
}
