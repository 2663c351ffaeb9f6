import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { RefusedError, UnreachableError } from './errors.js';
import type { GraphqlClient } from './graphql-client.js';
import { pollUntil } from './poll.js';

export interface UploadProgress {
  sentBytes: number;
  totalBytes: number;
}

export interface UploadOptions {
  datasetId: string;
  path: string;
  /** Goes on with an upload that broke off, as far as it came. */
  uploadId?: string;
  onBegin?: (uploadId: string) => void;
  onProgress?: (progress: UploadProgress) => void;
}

interface PresignedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
}

interface Upload {
  id: string;
  status: string;
  versionId: string;
  bytes: string;
  partBytes: string | null;
  partCount: number | null;
  singlePut: PresignedRequest | null;
  arrivedParts: Array<{ partNumber: number; sha256: string | null; bytes: string }>;
  failure: { code: string; message: string } | null;
}

const UPLOAD = `id status versionId bytes partBytes partCount singlePut { method url headers }
  arrivedParts { partNumber sha256 bytes } failure { code message }`;
/** Presigned for one round of parts: few enough that none expires before it is sent. */
const PARTS_PER_ROUND = 8;

/** Sends a file straight to the object store, in parts if it is large, and gives the id of the dataset version it became. */
export async function uploadFile(client: GraphqlClient, options: UploadOptions): Promise<string> {
  const upload = options.uploadId ? await readUpload(client, options.uploadId) : await beginUpload(client, options);
  options.onBegin?.(upload.id);
  if (upload.singlePut) await sendWhole(upload.singlePut, options);
  else await sendParts(client, upload, options);
  await client.mutate('completeUpload', { uploadId: upload.id }, 'upload { id }', { inputType: 'UploadInput' });
  const ended = await pollUntil(() => readUpload(client, upload.id), {
    until: ({ status }) => status !== 'VERIFYING',
    what: `the verification of ${options.path}`,
  });
  if (ended.status === 'COMPLETED') return ended.versionId;
  const { code, message } = ended.failure ?? { code: 'UPLOAD_ENDED', message: `The upload is ${ended.status}.` };
  throw new RefusedError(code, message);
}

async function beginUpload(client: GraphqlClient, { datasetId, path }: UploadOptions): Promise<Upload> {
  const { size } = await stat(path);
  const input = { datasetId, filename: basename(path), bytes: String(size), sha256: await sha256OfFile(path) };
  const payload = await client.mutate<{ upload: Upload }>('beginUpload', input, `upload { ${UPLOAD} }`);
  return payload.upload;
}

async function readUpload(client: GraphqlClient, id: string): Promise<Upload> {
  const { node } = await client.query<{ node: Upload | null }>(
    `query($id: ID!) { node(id: $id) { ... on Upload { ${UPLOAD} } } }`,
    { id },
  );
  if (!node) throw new RefusedError('UPLOAD_NOT_FOUND', `There is no upload ${id}.`);
  return node;
}

async function sendWhole(request: PresignedRequest, { path, onProgress }: UploadOptions): Promise<void> {
  const file = await open(path);
  try {
    const bytes = await file.readFile();
    await send(request, bytes);
    onProgress?.({ sentBytes: bytes.length, totalBytes: bytes.length });
  } finally {
    await file.close();
  }
}

async function sendParts(client: GraphqlClient, upload: Upload, { path, onProgress }: UploadOptions): Promise<void> {
  const partBytes = Number(upload.partBytes);
  const totalBytes = Number(upload.bytes);
  const arrived = new Map(upload.arrivedParts.map((part) => [part.partNumber, part]));
  let sentBytes = upload.arrivedParts.reduce((sum, part) => sum + Number(part.bytes), 0);
  const missing = Array.from({ length: upload.partCount ?? 0 }, (_, index) => index + 1).filter(
    (number) => !arrived.has(number),
  );
  const file = await open(path);
  try {
    for (let first = 0; first < missing.length; first += PARTS_PER_ROUND) {
      const round = await Promise.all(
        missing.slice(first, first + PARTS_PER_ROUND).map(async (partNumber) => {
          const start = (partNumber - 1) * partBytes;
          const bytes = Buffer.alloc(Math.min(partBytes, totalBytes - start));
          await file.read(bytes, 0, bytes.length, start);
          return { partNumber, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
        }),
      );
      const declared = round.map(({ partNumber, sha256 }) => ({ partNumber, sha256 }));
      const { parts } = await client.mutate<{ parts: Array<{ partNumber: number; request: PresignedRequest }> }>(
        'presignUploadParts',
        { uploadId: upload.id, parts: declared },
        'parts { partNumber request { method url headers } }',
      );
      for (const { partNumber, request } of parts) {
        const { bytes } = round.find((part) => part.partNumber === partNumber)!;
        await send(request, bytes);
        sentBytes += bytes.length;
        onProgress?.({ sentBytes, totalBytes });
      }
    }
  } finally {
    await file.close();
  }
}

async function send({ method, url, headers }: PresignedRequest, bytes: Buffer): Promise<void> {
  const response = await fetch(url, { method, headers, body: new Uint8Array(bytes) });
  const text = await response.text();
  if (!response.ok)
    throw new UnreachableError(`the object store refused the bytes (${response.status}): ${text.slice(0, 300)}`);
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
