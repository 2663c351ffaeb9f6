import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeclaredBody, type ObjectStore, type UploadStreamOptions, uploadStream } from '#platform/storage';

/** Years of usage of the largest partners; below what S3 takes as one object. */
export const LARGEST_BYTES = 64 * 1024 ** 3;
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Stores what is written to a file, by a file on disk: neither is what is exported held in memory, nor a transaction open while the
 * object store is written to.
 */
export async function storeFile(
  store: ObjectStore,
  key: string,
  { write, ...options }: UploadStreamOptions & { write: (file: string) => Promise<void> },
): Promise<DeclaredBody> {
  const folder = await mkdtemp(join(tmpdir(), 'forkpoint-export-'));
  try {
    const file = join(folder, 'export');
    await write(file);
    return await uploadStream(store, key, createReadStream(file), options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A line at a time would keep whoever takes them waiting. */
export async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
