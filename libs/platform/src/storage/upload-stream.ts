import { createHash } from 'node:crypto';
import type { ObjectStore } from './object-store.js';
import type { DeclaredBody, UploadedPart } from './requests.js';
import { STORAGE_ERRORS } from './storage.errors.js';

const PART_BYTES = 8 * 1024 ** 2;

export interface UploadStreamOptions {
  limitBytes: number;
  contentType?: string;
}

/**
 * Stores a stream of unknown length, holding one part of it in memory at a time. More bytes than the limit, or a stream
 * that fails, leave nothing behind.
 */
export async function uploadStream(
  store: ObjectStore,
  key: string,
  source: AsyncIterable<Uint8Array>,
  options: UploadStreamOptions,
): Promise<DeclaredBody> {
  const upload = new StreamedUpload(store, key, options);
  try {
    for await (const part of inParts(source, options.limitBytes)) await upload.add(part);
    return await upload.finish();
  } catch (error) {
    await upload.abort();
    throw error;
  }
}

class StreamedUpload {
  private readonly hash = createHash('sha256');
  private readonly parts: UploadedPart[] = [];
  private bytes = 0;
  private multipartId: string | undefined;
  /** Held back until it is known whether more follows: a stream of one part needs no multipart upload. */
  private pending: Buffer | undefined;

  constructor(
    private readonly store: ObjectStore,
    private readonly key: string,
    private readonly options: UploadStreamOptions,
  ) {}

  async add(part: Buffer): Promise<void> {
    this.hash.update(part);
    this.bytes += part.byteLength;
    if (this.pending) await this.send(this.pending);
    this.pending = part;
  }

  async finish(): Promise<DeclaredBody> {
    const last = this.pending ?? Buffer.alloc(0);
    if (this.multipartId) {
      await this.send(last);
      await this.store.completeMultipart(this.key, this.multipartId, this.parts);
    } else {
      await this.store.put(this.key, last, { contentType: this.options.contentType });
    }
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  async abort(): Promise<void> {
    if (this.multipartId) await this.store.abortMultipart(this.key, this.multipartId);
  }

  private async send(part: Buffer): Promise<void> {
    this.multipartId ??= await this.store.createMultipart(this.key, { contentType: this.options.contentType });
    this.parts.push(await this.store.uploadPart(this.key, this.multipartId, this.parts.length + 1, part));
  }
}

/** Joins chunks of any size into parts of equal size, the last one shorter. */
async function* inParts(source: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let total = 0;
  for await (const chunk of source) {
    total += chunk.byteLength;
    if (total > limitBytes) throw STORAGE_ERRORS.OBJECT_TOO_LARGE({ limitBytes });
    let rest = chunk;
    while (heldBytes + rest.byteLength >= PART_BYTES) {
      const taken = PART_BYTES - heldBytes;
      yield Buffer.concat([...held, rest.subarray(0, taken)]);
      rest = rest.subarray(taken);
      held = [];
      heldBytes = 0;
    }
    if (rest.byteLength > 0) held.push(rest);
    heldBytes += rest.byteLength;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}
