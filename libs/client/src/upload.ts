import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { RefusedError } from './errors.js';
import type { GraphqlClient } from './graphql-client.js';
import { defineMutation, defineOperation } from './operation.js';
import { pollUntil } from './poll.js';
import { type PresignedRequest, sendBytes } from './presigned.js';

export interface UploadProgress {
  sentBytes: number;
  totalBytes: number;
}

export interface UploadOptions {
  datasetId: string;
  path: string;
  /** Goes on with an upload that broke off, as far as it came. */
  uploadId?: string;
  onBegin?: (uploadId: string) => void | Promise<void>;
  onProgress?: (progress: UploadProgress) => void;
}

export interface Upload {
  id: string;
  status: 'OPEN' | 'VERIFYING' | 'COMPLETED' | 'REJECTED' | 'ABORTED' | 'EXPIRED';
  versionId: string;
  bytes: string;
  sha256: string | null;
  partBytes: string | null;
  partCount: number | null;
  singlePut: PresignedRequest | null;
  arrivedParts: Array<{ partNumber: number; sha256: string | null; bytes: string }>;
  failure: { code: string; message: string } | null;
}

const UPLOAD = `id status versionId bytes sha256 partBytes partCount singlePut { method url headers }
  arrivedParts { partNumber sha256 bytes } failure { code message }`;

/** Every document that an upload sends. */
export const UPLOAD_OPERATIONS = {
  begin: defineMutation<{ upload: Upload }, { datasetId: string; filename: string; bytes: string; sha256: string }>(
    'beginUpload',
    `upload { ${UPLOAD} }`,
  ),
  read: defineOperation<{ node: Upload | null }, { id: string }>(
    `query($id: ID!) { node(id: $id) { ... on Upload { ${UPLOAD} } } }`,
  ),
  presignParts: defineMutation<
    { parts: Array<{ partNumber: number; request: PresignedRequest }> },
    { uploadId: string; parts: Array<{ partNumber: number; sha256: string }> }
  >('presignUploadParts', 'parts { partNumber request { method url headers } }'),
  complete: defineMutation<object, { uploadId: string }>('completeUpload', 'upload { id }', 'UploadInput'),
};

/** So many parts are in memory and on their way at a time. */
const PARTS_AT_ONCE = 3;

/** Sends a file straight to the object store, in parts if it is large, and gives the id of the dataset version it became. */
export async function uploadFile(client: GraphqlClient, options: UploadOptions): Promise<string> {
  const sha256 = await sha256OfFile(options.path);
  const upload = options.uploadId
    ? await findUpload(client, options.uploadId)
    : await beginUpload(client, options, sha256);
  if (upload.sha256 !== sha256)
    throw new RefusedError(
      'FILE_CHANGED',
      `${options.path} is not the file that upload ${upload.id} was begun with: begin a new one.`,
    );
  await options.onBegin?.(upload.id);
  if (upload.status === 'OPEN') {
    await (upload.singlePut ? sendWhole(client, upload, options) : sendParts(client, upload, options));
    await client.apply(UPLOAD_OPERATIONS.complete, { uploadId: upload.id });
  }
  const ended = await pollUntil(() => findUpload(client, upload.id), {
    until: ({ status }) => status !== 'VERIFYING',
    what: `the verification of ${options.path}`,
  });
  if (ended.status === 'COMPLETED') return ended.versionId;
  const { code, message } = ended.failure ?? { code: 'UPLOAD_ENDED', message: `The upload is ${ended.status}.` };
  throw new RefusedError(code, message);
}

/** An upload as it is now. */
export async function findUpload(client: GraphqlClient, id: string): Promise<Upload> {
  const { node } = await client.run(UPLOAD_OPERATIONS.read, { id });
  // Of another type, the node has no field that was asked for.
  if (!node?.status) throw new RefusedError('UPLOAD_NOT_FOUND', `There is no upload ${id}.`);
  return node;
}

async function beginUpload(client: GraphqlClient, { datasetId, path }: UploadOptions, sha256: string): Promise<Upload> {
  const { size } = await stat(path);
  const input = { datasetId, filename: basename(path), bytes: String(size), sha256 };
  return (await client.apply(UPLOAD_OPERATIONS.begin, input)).upload;
}

async function sendWhole(client: GraphqlClient, upload: Upload, { path, onProgress }: UploadOptions): Promise<void> {
  const totalBytes = Number(upload.bytes);
  const file = await open(path);
  let first = upload.singlePut;
  try {
    const presign = async () => {
      const presigned = first ?? (await findUpload(client, upload.id)).singlePut;
      first = null;
      if (!presigned) throw new RefusedError('UPLOAD_ENDED', `Upload ${upload.id} takes no more bytes.`);
      return presigned;
    };
    const onSent = (sentBytes: number) => onProgress?.({ sentBytes, totalBytes });
    await sendBytes(presign, await file.readFile(), { onSent });
  } finally {
    await file.close();
  }
}

async function sendParts(client: GraphqlClient, upload: Upload, { path, onProgress }: UploadOptions): Promise<void> {
  const totalBytes = Number(upload.bytes);
  const arrived = new Map(upload.arrivedParts.map(({ partNumber, bytes }) => [partNumber, Number(bytes)]));
  const missing = Array.from({ length: upload.partCount ?? 0 }, (_, index) => index + 1).filter(
    (number) => !arrived.has(number),
  );
  const tell = (partNumber: number, sentBytes: number) => {
    arrived.set(partNumber, sentBytes);
    onProgress?.({ sentBytes: [...arrived.values()].reduce((sum, bytes) => sum + bytes, 0), totalBytes });
  };
  const file = await open(path);
  const failing = new AbortController();
  const { signal } = failing;
  try {
    const work = async () => {
      for (let partNumber = missing.shift(); partNumber !== undefined; partNumber = missing.shift())
        await sendPart({ client, upload, file, partNumber, onSent: tell.bind(null, partNumber), signal });
    };
    const workOrStopAll = () =>
      work().catch((error: unknown) => {
        missing.length = 0;
        failing.abort(error);
      });
    // All have ended before it fails, so that nothing is sent any more once that is told.
    await Promise.all(Array.from({ length: PARTS_AT_ONCE }, workOrStopAll));
    signal.throwIfAborted();
  } finally {
    await file.close();
  }
}

interface Part {
  client: GraphqlClient;
  upload: Upload;
  file: FileHandle;
  partNumber: number;
  onSent: (sentBytes: number) => void;
  signal: AbortSignal;
}

async function sendPart({ client, upload, file, partNumber, onSent, signal }: Part): Promise<void> {
  const partBytes = Number(upload.partBytes);
  const start = (partNumber - 1) * partBytes;
  const bytes = Buffer.alloc(Math.min(partBytes, Number(upload.bytes) - start));
  await file.read(bytes, 0, bytes.length, start);
  const part = { partNumber, sha256: createHash('sha256').update(bytes).digest('hex') };
  const presign = async () => {
    const { parts } = await client.apply(UPLOAD_OPERATIONS.presignParts, { uploadId: upload.id, parts: [part] });
    return parts[0]!.request;
  };
  await sendBytes(presign, bytes, { onSent, signal });
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
