import { createHash, type Hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { ObjectStore, uploadStream } from '#platform/storage';
import { type DatasetVersion, sniffEncoding, versionPrefix } from './dataset.js';
import { findVersions } from './dataset.repository.js';
import { DATASET_ERRORS } from './datasets.errors.js';
import { DatasetsService } from './datasets.service.js';
import { expiryOf, Sniffer, tooLarge } from './file-receiver.js';
import type { Upload } from './upload.js';
import { findStreamParts, insertStreamPart, lockUpload, type StreamPart } from './upload.repository.js';
import { UploadsService } from './uploads.service.js';

/** OpenAI's limit on one part. */
export const LARGEST_STREAM_PART_BYTES = 64 * 1024 ** 2;

export interface JoinParts {
  uploadId: string;
  /** In the order in which they make up the file. */
  partIds: readonly string[];
  /** Of the whole file, lower-case hex. */
  md5?: string;
}

export interface JoinedFile {
  uploadId: string;
  content: Pick<DatasetVersion, 'bytes' | 'sha256' | 'contentEncoding' | 'objectKey'>;
}

/** A file in parts that pass through this process, in any order: each is an object until the last call joins them. */
@Injectable()
export class StreamParts {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly uploads: UploadsService,
    private readonly datasets: DatasetsService,
  ) {}

  /** Stores a part's bytes; `add` makes it one of the upload's parts. */
  async receive(scope: Scope, uploadId: string, source: AsyncIterable<Uint8Array>): Promise<StreamPart> {
    const upload = await this.database.transaction(scope, (tx) => this.lockInParts(tx, uploadId));
    const id = newId('part');
    const objectKey = `${versionPrefix(scope.organizationId, upload.versionId)}parts/${id}`;
    const { bytes } = await uploadStream(this.store, objectKey, source, {
      limitBytes: LARGEST_STREAM_PART_BYTES,
    }).catch(tooLarge('data', LARGEST_STREAM_PART_BYTES));
    const part = { id, bytes, objectKey, createdAt: this.clock.now() };
    if (bytes > 0) return part;
    await this.drop(part);
    throw DATASET_ERRORS.FILE_EMPTY({ path: ['data'] });
  }

  async add(tx: Transaction, uploadId: string, part: StreamPart): Promise<StreamPart> {
    await this.lockInParts(tx, uploadId);
    await insertStreamPart(tx, uploadId, part);
    return part;
  }

  drop(part: StreamPart): Promise<void> {
    return this.store.delete(part.objectKey);
  }

  /** Writes the parts one after another to a place of this call's own: a call that comes second changes nothing. */
  async join(scope: Scope, { uploadId, partIds, md5 }: JoinParts): Promise<JoinedFile> {
    const { upload, parts } = await this.database.transaction(scope, async (tx) => {
      const upload = await this.lockInParts(tx, uploadId);
      return { upload, parts: inOrder(await findStreamParts(tx, uploadId), partIds) };
    });
    const storedBytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    if (storedBytes !== upload.bytes) {
      throw DATASET_ERRORS.UPLOAD_SIZE_MISMATCH({ declaredBytes: upload.bytes!, storedBytes }, { path: ['part_ids'] });
    }
    const objectKey = `${versionPrefix(scope.organizationId, upload.versionId)}joined/${newId('part')}`;
    const hash = createHash('md5');
    const joined = new Sniffer(this.bytesOf(parts, hash));
    const stored = await uploadStream(this.store, objectKey, joined, { limitBytes: storedBytes });
    const found = hash.digest('hex');
    if (md5 !== undefined && md5 !== found) {
      await this.store.delete(objectKey);
      throw DATASET_ERRORS.UPLOAD_MD5_MISMATCH({ declared: md5, stored: found }, { path: ['md5'] });
    }
    return { uploadId, content: { ...stored, contentEncoding: sniffEncoding(joined.head), objectKey } };
  }

  /** Makes what was joined a version of the dataset named after it; the one that is there, if another call was first. */
  async accept(tx: Transaction, { uploadId, content }: JoinedFile): Promise<DatasetVersion> {
    const upload = (await lockUpload(tx, uploadId))!;
    if (upload.status !== 'completed') {
      const { purpose, expiresAfterSeconds } = upload.meaning!;
      const expiresAt = expiryOf(this.clock.now(), expiresAfterSeconds);
      const { id: datasetId } = await this.datasets.datasetNamed(tx, upload.projectId, upload.filename);
      await this.uploads.succeed(tx, upload, { ...content, datasetId, purpose, expiresAt });
    } else {
      this.uploads.tidyUp(tx, upload);
    }
    const [version] = await findVersions(tx, [upload.versionId]);
    return version!;
  }

  private async lockInParts(tx: Transaction, uploadId: string): Promise<Upload> {
    const upload = await this.uploads.lockOpen(tx, uploadId);
    if (upload.method !== 'stream_parts') throw DATASET_ERRORS.UPLOAD_NOT_FOUND({ id: upload.id });
    return upload;
  }

  private async *bytesOf(parts: readonly StreamPart[], hash: Hash): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      for await (const chunk of (await this.store.getStream(part.objectKey)) as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        yield chunk;
      }
    }
  }
}

function inOrder(parts: readonly StreamPart[], ids: readonly string[]): StreamPart[] {
  const known = new Map(parts.map((part) => [part.id, part]));
  return ids.map((id, position) => {
    const part = known.get(id);
    known.delete(id);
    if (part) return part;
    throw DATASET_ERRORS.UPLOAD_PART_NOT_FOUND({ id }, { path: ['part_ids', position] });
  });
}
