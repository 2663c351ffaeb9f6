import { RefusedError } from '#libs/client';
import { type Commands, integer } from '../commands.js';
import type { Context } from '../context.js';
import {
  CREATE_DATASET,
  DATASET_VERSIONS,
  DATASETS,
  type Dataset,
  type DatasetVersion,
  DELETE_FILE,
  FILES,
} from '../documents/datasets.js';
import { collect } from '../documents/shared.js';
import { formatBytes, formatConstant, formatTime } from '../output/format.js';
import { fields, table } from '../output/table.js';

interface Limit {
  limit: number;
}

export function addDatasetCommands(commands: Commands): void {
  commands
    .group('datasets', 'Data to train on', (group) =>
      group
        .read<Limit>('list', 'List datasets', listDatasets, limited, { isDefault: true })
        .read<Limit>('show <dataset>', 'Show a dataset and its files, by id or name', showDataset, limited)
        .act<{ description?: string }>('create <name>', 'Make a dataset', createDataset, (command) =>
          command.option('--description <text>', 'for people'),
        ),
    )
    .group('files', 'Versions of datasets: what you uploaded', (group) =>
      group
        .read<Limit>('list', 'List files', listFiles, limited, { isDefault: true })
        .act('delete <file>', 'Delete a file: its name and hash are kept', deleteFile),
    );
}

const limited: Parameters<Commands['read']>[3] = (command) =>
  command.option('--limit <count>', 'at most so many', integer(1, 10_000), 50);

async function listDatasets(context: Context, { limit }: Limit): Promise<void> {
  const datasets = await findDatasets(context, limit, await context.namedProjectId());
  context.out.result(datasets, () => {
    if (datasets.length === 0) return 'No datasets yet. Send a file: forkpoint upload <file>';
    return table(
      datasets,
      [
        { title: 'NAME', value: ({ name }) => name },
        { title: 'ID', value: ({ id }) => id },
        { title: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) },
        { title: 'DESCRIPTION', value: ({ description }) => description },
      ],
      context.out.style,
    );
  });
}

async function showDataset(context: Context, { limit }: Limit, wanted: string): Promise<void> {
  const { client, out } = context;
  const { id } = await datasetNamed(context, wanted);
  const ask = async (page: { first: number }) => {
    const { node } = await client.run(DATASET_VERSIONS, { ...page, id });
    if (!node?.versions) throw datasetNotFound(wanted);
    return node;
  };
  const { versions: _, ...dataset } = await ask({ first: 1 });
  const versions = await collect(async (page) => (await ask(page)).versions, limit);
  out.result({ ...dataset, versions }, () => {
    const about = fields(
      [
        ['Dataset', out.style.bold(dataset.name)],
        ['Id', dataset.id],
        ['About', dataset.description],
        ['Created', formatTime(dataset.createdAt)],
      ],
      out.style,
    );
    return versions.length === 0 ? `${about}\n\nNo files yet.` : `${about}\n\n${fileTable(context, versions)}`;
  });
}

async function createDataset(context: Context, { description }: { description?: string }, name: string): Promise<void> {
  const dataset = await makeDataset(context, name, description);
  context.out.result(dataset, () => `${dataset.id}  ${dataset.name}`);
}

async function listFiles(context: Context, { limit }: Limit): Promise<void> {
  const { client, out } = context;
  const projectId = await context.namedProjectId();
  const files = await collect(async (page) => (await client.run(FILES, { ...page, projectId })).datasetVersions, limit);
  out.result(files, () =>
    files.length === 0 ? 'No files yet. Send one: forkpoint upload <file>' : fileTable(context, files),
  );
}

async function deleteFile(context: Context, _: object, versionId: string): Promise<void> {
  const { datasetVersion } = await context.act(DELETE_FILE, { versionId });
  context.out.result(datasetVersion, () => `${datasetVersion.filename} (${datasetVersion.id}) is deleted.`);
}

function fileTable({ out }: Context, files: readonly DatasetVersion[]): string {
  return table(
    files,
    [
      { title: 'FILE', value: ({ id }) => id },
      { title: 'DATASET', value: ({ dataset }) => dataset?.name ?? '' },
      { title: 'VERSION', value: ({ number }) => (number === null ? '' : String(number)), align: 'right' },
      { title: 'NAME', value: ({ filename }) => filename },
      { title: 'SIZE', value: ({ bytes }) => formatBytes(Number(bytes)), align: 'right' },
      { title: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) },
      { title: 'STATUS', value: statusOf },
    ],
    out.style,
  );
}

/** What by itself becomes of it, and when; why is in --json. */
function statusOf({ status, keptUntil }: DatasetVersion): string {
  if (status !== 'READY') return formatConstant(status);
  return keptUntil ? `kept until ${formatTime(keptUntil.at)}` : '';
}

async function findDatasets({ client }: Context, limit: number, projectId?: string): Promise<Dataset[]> {
  return collect(async (page) => (await client.run(DATASETS, { ...page, projectId })).datasets, limit);
}

export async function makeDataset(context: Context, name: string, description?: string): Promise<Dataset> {
  const projectId = await context.projectId();
  return (await context.act(CREATE_DATASET, { projectId, name, description })).dataset;
}

/** The dataset with an id, or with a name within the project; null if there is none. */
export async function findDataset(context: Context, wanted: string): Promise<Pick<Dataset, 'id'> | null> {
  if (wanted.startsWith('ds_')) return { id: wanted };
  const datasets = await findDatasets(context, 10_000, await context.projectId());
  return datasets.find(({ name }) => name === wanted) ?? null;
}

async function datasetNamed(context: Context, wanted: string): Promise<Pick<Dataset, 'id'>> {
  const found = await findDataset(context, wanted);
  if (found) return found;
  throw datasetNotFound(wanted);
}

function datasetNotFound(wanted: string): RefusedError {
  return new RefusedError(
    'DATASET_NOT_FOUND',
    `There is no dataset ${wanted} that you may see: see forkpoint datasets.`,
  );
}
