import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { findUpload, RefusedError, uploadFile } from '#libs/client';
import { BegunUploadStore } from '../begun-uploads.js';
import type { Commands } from '../commands.js';
import type { Context } from '../context.js';
import { UsageError } from '../failure.js';
import { formatBytes, formatSeconds } from '../output/format.js';
import { ByteProgress } from '../output/progress-bar.js';
import { findDataset, makeDataset } from './datasets.js';

interface UploadOptions {
  dataset?: string;
  again?: boolean;
}

/** Endings of data files, none of which is part of a dataset's name. */
const ENDINGS = /(\.(jsonl|json|txt|csv))?(\.gz)?$/;

export function addUploadCommand(commands: Commands): void {
  commands.read<UploadOptions>(
    'upload <file>',
    'Send a file as a new version of a dataset. Broken off, the same command goes on where it stopped',
    upload,
    (command) =>
      command
        .option('--dataset <id or name>', 'made if there is none of this name; named after the file if left out')
        .option('--again', 'begin anew instead of going on'),
  );
}

async function upload(context: Context, { dataset: wanted, again }: UploadOptions, path: string): Promise<void> {
  const { client, out, terminal } = context;
  const { size } = await stat(path);
  if (size === 0) throw new UsageError(`${path} is empty`);
  const name = wanted ?? basename(path).replace(ENDINGS, '');
  const { id: datasetId } = (await findDataset(context, name)) ?? (await makeDataset(context, name));
  const begun = new BegunUploadStore(terminal.environment, context.access.origin);
  const uploadId = again ? undefined : await resumable(context, begun, { path, datasetId });
  terminal.onInterrupt = () => out.note(`Broken off. The same command goes on: forkpoint upload ${path}`);
  const progress = new ByteProgress(out.style);
  const from = performance.now();
  const versionId = await uploadFile(client, {
    datasetId,
    path,
    uploadId,
    onBegin: (id) => begun.remember(path, datasetId, id),
    onProgress: ({ sentBytes, totalBytes }) => {
      out.status(progress.line(basename(path), sentBytes, totalBytes));
      if (sentBytes === totalBytes) out.status(`${basename(path)}: all bytes are there, they are being verified`);
    },
  });
  terminal.onInterrupt = null;
  begun.forget(path, datasetId);
  const seconds = (performance.now() - from) / 1000;
  out.clearStatus();
  out.result({ fileId: versionId, datasetId, filename: basename(path), bytes: size, seconds }, () => versionId);
  out.note(
    `${formatBytes(size)} sent to ${name} in ${formatSeconds(seconds)}. Next: forkpoint validate ${versionId} --for <checkpoint>`,
  );
}

/** The upload of this very file that broke off, if it can still go on. */
async function resumable(
  { client, out }: Context,
  begun: BegunUploadStore,
  { path, datasetId }: { path: string; datasetId: string },
): Promise<string | undefined> {
  const id = await begun.find(path, datasetId);
  if (!id) return undefined;
  const earlier = await findUpload(client, id).catch((error: unknown) => {
    if (error instanceof RefusedError) return null;
    throw error;
  });
  if (earlier?.status !== 'OPEN' && earlier?.status !== 'VERIFYING') return undefined;
  const arrived = earlier.arrivedParts.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  out.note(`Going on with upload ${id}: ${formatBytes(arrived)} of ${formatBytes(Number(earlier.bytes))} are there.`);
  return id;
}
