import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type PresignedRequest, refusalOf, sendRequest, UnreachableError } from '#libs/client';
import type { Context } from './context.js';

interface Download {
  request: Pick<PresignedRequest, 'url' | 'headers'>;
  /** Where to: never over a file that is there. */
  path: string;
  /** What the bytes have to hash to, in hex; null: that is not known. */
  sha256: string | null;
}

/** Fetches a file of any length, holds it to its hash, and tells where it is. Nothing stays of what did not come whole. */
export async function download({ out }: Context, { request, path, sha256 }: Download): Promise<void> {
  const file = await open(path, 'wx');
  try {
    const fetched = await fetchInto(file, request);
    if (sha256 !== null && fetched.sha256 !== sha256)
      throw new UnreachableError(`${path} came with another SHA-256 than ${sha256}: run it again`);
    out.result({ path, bytes: fetched.bytes }, () => path);
  } catch (error) {
    await rm(path);
    throw error;
  } finally {
    await file.close();
  }
}

async function fetchInto(file: FileHandle, { url, headers }: Download['request']) {
  const response = await sendRequest(url, { headers }, { tries: 3 });
  if (!response.ok) throw await refusalOf(response);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of unbroken(response.body!)) {
    hash.update(chunk);
    bytes += chunk.length;
    await file.appendFile(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function* unbroken(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new UnreachableError('the file broke off: run it again', { cause: error });
  }
}
