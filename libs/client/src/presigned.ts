import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { RefusedError, UnreachableError } from './errors.js';

export interface PresignedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
}

/** Small enough to show progress on a slow line, large enough to cost nothing on a fast one. */
const SLICE_BYTES = 64 * 1024;
const TRIES = 4;

export interface SendOptions {
  /** Told how many bytes of this body have left, from 0 again with each try. */
  onSent?: (sentBytes: number) => void;
  /** Gives up at once. */
  signal?: AbortSignal;
}

/**
 * Sends bytes to the object store, again if the line breaks. `presign` is asked for each try: what it gave before may have
 * expired.
 */
export async function sendBytes(
  presign: () => Promise<PresignedRequest>,
  bytes: Buffer,
  { onSent = () => {}, signal }: SendOptions = {},
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const presigned = await presign();
    onSent(0);
    try {
      await sendOnce(presigned, bytes, { onSent, signal });
      return;
    } catch (error) {
      if (signal?.aborted || !(error instanceof UnreachableError) || attempt >= TRIES) throw error;
      await sleep(Math.min(250 * 2 ** attempt, 4_000), undefined, { signal });
    }
  }
}

async function sendOnce(
  { method, url, headers }: PresignedRequest,
  bytes: Buffer,
  { onSent, signal }: SendOptions & { onSent: (sentBytes: number) => void },
): Promise<void> {
  const { origin } = new URL(url);
  const answer = await request(url, {
    method: method as 'PUT',
    // A presigned length is part of the signature; without it the body would go out in chunks, which S3 refuses.
    headers: { ...headers, 'content-length': String(bytes.length) },
    body: Readable.from(slices(bytes, onSent)),
    signal,
  }).catch((error: unknown) => {
    throw new UnreachableError(`the object store at ${origin} can't be reached`, { cause: error });
  });
  const text = await answer.body.text();
  if (answer.statusCode < 300) return;
  const message = `the object store at ${origin} refused the bytes (${answer.statusCode}): ${text.slice(0, 300)}`;
  // What it refuses for good is refused again however often it is sent; an expired signature is signed anew.
  const isFinal = answer.statusCode === 400 || answer.statusCode === 404;
  throw isFinal ? new RefusedError('OBJECT_STORE_REFUSED', message) : new UnreachableError(message);
}

async function* slices(bytes: Buffer, onSent: (sentBytes: number) => void): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    const slice = bytes.subarray(start, start + SLICE_BYTES);
    yield slice;
    // Asked for more: the slice before is on its way.
    onSent(start + slice.length);
  }
}
