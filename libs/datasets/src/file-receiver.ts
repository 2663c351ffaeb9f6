import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, DomainError } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { ObjectStore, uploadStream } from '#platform/storage';
import { assertUploadPurpose, type DatasetVersion, sniffEncoding } from './dataset.js';
import { findVersions } from './dataset.repository.js';
import { DATASET_ERRORS } from './datasets.errors.js';
import { DatasetsService } from './datasets.service.js';
import type { FileMeaning, Upload } from './upload.js';
import { lockUpload } from './upload.repository.js';
import { UploadsService } from './uploads.service.js';

/** OpenAI's limit on a file that is sent in one request. */
export const LARGEST_STREAM_BYTES = 512 * 1024 ** 2;

const EXPIRY_BOUNDS_SECONDS = { minimum: 3600, maximum: 30 * 24 * 3600 } as const;

export interface ReceivedFile {
  upload: Upload;
  content: Pick<DatasetVersion, 'bytes' | 'sha256' | 'contentEncoding'>;
}

/** Takes a file whose bytes pass through this process, a part at a time, and makes it a dataset version. */
@Injectable()
export class FileReceiver {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly uploads: UploadsService,
    private readonly datasets: DatasetsService,
  ) {}

  /** Stores the bytes. A row is there before them, so that what a crash leaves is swept up. */
  async receive(
    scope: Scope,
    file: { projectId: string; filename: string },
    source: AsyncIterable<Uint8Array>,
  ): Promise<ReceivedFile> {
    const upload = await this.database.transaction(scope, (tx) => this.uploads.beginStream(tx, file));
    try {
      const sniffed = new Sniffer(source);
      const limitBytes = LARGEST_STREAM_BYTES;
      const stored = await uploadStream(this.store, upload.objectKey, sniffed, { limitBytes }).catch(
        tooLarge('file', limitBytes),
      );
      if (stored.bytes === 0) throw DATASET_ERRORS.FILE_EMPTY({ path: ['file'] });
      return { upload, content: { ...stored, contentEncoding: sniffEncoding(sniffed.head) } };
    } catch (error) {
      await this.drop(scope, upload.id);
      throw error;
    }
  }

  /** Makes what was received a version of the dataset named after it. */
  async accept(
    tx: Transaction,
    { upload, content }: ReceivedFile,
    given: { purpose: string; expiresAfterSeconds?: number },
  ): Promise<DatasetVersion> {
    const { purpose, expiresAfterSeconds } = readMeaning(given);
    const expiresAt = expiryOf(this.clock.now(), expiresAfterSeconds);
    const dataset = await this.datasets.datasetNamed(tx, upload.projectId, upload.filename);
    const current = (await lockUpload(tx, upload.id))!;
    await this.uploads.succeed(tx, current, { ...content, datasetId: dataset.id, purpose, expiresAt });
    const [version] = await findVersions(tx, [upload.versionId]);
    return version!;
  }

  /** The file is not wanted: its bytes are removed. */
  async drop(scope: Scope, uploadId: string): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const current = await lockUpload(tx, uploadId);
      if (current?.status === 'open') await this.uploads.discard(tx, current, 'aborted');
    });
  }
}

/** What a caller says a file is for, checked. */
export function readMeaning(given: { purpose: string; expiresAfterSeconds?: number }): FileMeaning {
  const { minimum, maximum } = EXPIRY_BOUNDS_SECONDS;
  const seconds = given.expiresAfterSeconds ?? null;
  if (seconds !== null && (!Number.isInteger(seconds) || seconds < minimum || seconds > maximum)) {
    throw DATASET_ERRORS.EXPIRY_INVALID({ path: ['expires_after'] });
  }
  return { purpose: assertUploadPurpose(given.purpose), expiresAfterSeconds: seconds };
}

/** Tells a sender the limit in the words of the field that was too large. */
export function tooLarge(field: string, limitBytes: number): (error: unknown) => never {
  return (error) => {
    const isLimit = error instanceof DomainError && error.code === 'OBJECT_TOO_LARGE';
    throw isLimit ? DATASET_ERRORS.FILE_TOO_LARGE({ limitBytes }, { path: [field] }) : error;
  };
}

export function expiryOf(now: Date, seconds: number | null): Date | null {
  return seconds === null ? null : new Date(now.getTime() + seconds * 1000);
}

/** Lets a stream through and keeps how it begins. */
export class Sniffer implements AsyncIterable<Uint8Array> {
  head = Buffer.alloc(0);

  constructor(private readonly source: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.source) {
      if (this.head.byteLength < 2) this.head = Buffer.concat([this.head, chunk.subarray(0, 2)]);
      yield chunk;
    }
  }
}
