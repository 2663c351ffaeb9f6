import { Inject, Injectable } from '@nestjs/common';
import { EntitlementService } from '#libs/contracts';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { ObjectStore, type PresignedRequest, type StoredPart } from '#platform/storage';
import { assertFilename, assertSha256, type DatasetVersion, type UploadPurpose, versionPrefix } from './dataset.js';
import { findDatasets, insertVersion } from './dataset.repository.js';
import { DATASET_ERRORS } from './datasets.errors.js';
import {
  bytesOfPart,
  type FileMeaning,
  LARGEST_UPLOAD_BYTES,
  PRESIGNED_SECONDS,
  planUpload,
  UPLOAD_LIFETIME_SECONDS,
  type Upload,
  type UploadFailure,
} from './upload.js';
import {
  type DeclaredPart,
  declaredParts,
  declareParts,
  findUploads,
  insertUpload,
  lockUpload,
  moveUpload,
  setMultipartId,
} from './upload.repository.js';

export interface BeginUpload {
  datasetId: string;
  filename: string;
  bytes: number;
  sha256: string;
}

/** A part that is at the store: what a sender that begins again need not send. */
export interface ArrivedPart extends StoredPart {
  /** As declared when it was presigned. */
  sha256: string | null;
}

export interface PartRequest {
  partNumber: number;
  request: PresignedRequest;
}

const PRESIGN = { expiresInSeconds: PRESIGNED_SECONDS };

/**
 * Bytes go from the sender straight to the object store. Methods that take a transaction change rows alone; those that take
 * a scope talk to the store, between transactions.
 */
@Injectable()
export class UploadsService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly entitlements: EntitlementService,
  ) {}

  async begin(tx: Transaction, input: BeginUpload): Promise<Upload> {
    const [dataset] = await findDatasets(tx, [input.datasetId]);
    if (!dataset) throw DATASET_ERRORS.DATASET_NOT_FOUND({ id: input.datasetId }, { path: ['datasetId'] });
    const upload = await this.open(tx, {
      projectId: dataset.projectId,
      datasetId: dataset.id,
      filename: assertFilename(input.filename),
      bytes: input.bytes,
      sha256: assertSha256(input.sha256),
      ...planUpload(input.bytes),
    });
    await insertUpload(tx, upload);
    return upload;
  }

  /** A stream of unknown length and hash that passes through this process. */
  async beginStream(tx: Transaction, input: { projectId: string; filename: string }): Promise<Upload> {
    const upload = await this.open(tx, {
      projectId: input.projectId,
      datasetId: null,
      filename: assertFilename(input.filename),
      bytes: null,
      sha256: null,
      method: 'stream',
      partBytes: null,
    });
    await insertUpload(tx, upload);
    return upload;
  }

  /** A stream in parts whose order is told at the end. */
  async beginStreamParts(
    tx: Transaction,
    input: { projectId: string; filename: string; bytes: number; meaning: FileMeaning },
  ): Promise<Upload> {
    if (input.bytes < 1) throw DATASET_ERRORS.FILE_EMPTY({ path: ['bytes'] });
    if (input.bytes > LARGEST_UPLOAD_BYTES) {
      throw DATASET_ERRORS.FILE_TOO_LARGE({ limitBytes: LARGEST_UPLOAD_BYTES }, { path: ['bytes'] });
    }
    const upload: Upload = {
      ...(await this.open(tx, {
        ...input,
        datasetId: null,
        filename: assertFilename(input.filename),
        sha256: null,
        method: 'stream_parts',
        partBytes: null,
      })),
      meaning: input.meaning,
    };
    await insertUpload(tx, upload);
    return upload;
  }

  async get(tx: Transaction, id: string): Promise<Upload> {
    const [upload] = await findUploads(tx, [id]);
    if (!upload) throw DATASET_ERRORS.UPLOAD_NOT_FOUND({ id });
    return upload;
  }

  /** Says what the parts will be: their hashes are signed into the requests that send them. */
  async declareParts(tx: Transaction, uploadId: string, parts: readonly DeclaredPart[]): Promise<Upload> {
    const upload = await this.lockOpen(tx, uploadId);
    if (upload.method !== 'multipart') throw DATASET_ERRORS.UPLOAD_NOT_IN_PARTS({ path: ['uploadId'] });
    for (const [position, part] of parts.entries()) {
      bytesOfPart(upload.bytes!, upload.partBytes!, part.partNumber);
      assertSha256(part.sha256, ['parts', position, 'sha256']);
    }
    await declareParts(tx, uploadId, parts);
    return upload;
  }

  /** The sender is done. Whether all is there, and is what was declared, is found out by the worker. */
  async complete(tx: Transaction, uploadId: string): Promise<Upload> {
    const upload = await this.lockOpen(tx, uploadId);
    await moveUpload(tx, upload, 'verifying', { at: this.clock.now() });
    tx.publish({ type: 'datasets.upload.completing', key: upload.id, payload: { uploadId: upload.id } });
    return { ...upload, status: 'verifying' };
  }

  async abort(tx: Transaction, uploadId: string): Promise<void> {
    await this.discard(tx, await this.lockOpen(tx, uploadId), 'aborted');
  }

  /** Ends an upload that came to nothing; what is stored is removed when no presigned request for it can be sent any more. */
  async discard(
    tx: Transaction,
    upload: Upload,
    to: 'aborted' | 'rejected' | 'expired',
    failure?: UploadFailure,
  ): Promise<void> {
    await moveUpload(tx, upload, to, { at: this.clock.now(), failure });
    const presigned = upload.method === 'single_put' || upload.method === 'multipart';
    this.tidyUp(tx, upload, presigned ? PRESIGNED_SECONDS * 1000 : 0);
  }

  /** The bytes are stored and are what they should be: the version is born. */
  async succeed(
    tx: Transaction,
    upload: Upload,
    content: Pick<DatasetVersion, 'bytes' | 'sha256' | 'contentEncoding'> & {
      datasetId: string;
      purpose: UploadPurpose;
      expiresAt: Date | null;
      /** Where it lies, if not where the upload said. */
      objectKey?: string;
    },
  ): Promise<void> {
    const now = this.clock.now();
    await moveUpload(tx, upload, 'completed', { at: now, datasetId: content.datasetId });
    this.tidyUp(tx, upload);
    await insertVersion(tx, {
      objectKey: upload.objectKey,
      ...content,
      id: upload.versionId,
      projectId: upload.projectId,
      filename: upload.filename,
      status: 'ready',
      createdAt: now,
      createdBy: upload.createdBy,
      deletedAt: null,
      deletedBy: null,
      purgedAt: null,
    });
  }

  /** The request that sends the whole file; null for an upload in parts or one that is not open. */
  async presignSinglePut(upload: Upload): Promise<PresignedRequest | null> {
    if (upload.method !== 'single_put' || upload.status !== 'open') return null;
    const body = { bytes: upload.bytes!, sha256: upload.sha256! };
    return this.store.presignPut(upload.objectKey, body, PRESIGN);
  }

  /** Requests for parts that were declared, in the order of `partNumbers`; none once the upload takes no more bytes. */
  async presignParts(scope: Scope, uploadId: string, partNumbers: readonly number[]): Promise<PartRequest[]> {
    const { upload, declared } = await this.database.read(scope, async (tx) => ({
      upload: await this.get(tx, uploadId),
      declared: new Map((await declaredParts(tx, uploadId)).map((part) => [part.partNumber, part.sha256])),
    }));
    if (upload.status !== 'open') return [];
    const multipartId = await this.ensureMultipart(scope, upload);
    return Promise.all(
      partNumbers.map(async (partNumber) => {
        const bytes = bytesOfPart(upload.bytes!, upload.partBytes!, partNumber);
        const part = { partNumber, bytes, sha256: declared.get(partNumber)! };
        return { partNumber, request: await this.store.presignPart(upload.objectKey, multipartId, part, PRESIGN) };
      }),
    );
  }

  /** What has arrived: a sender that was cut off goes on from here. */
  async arrivedParts(scope: Scope, upload: Upload): Promise<ArrivedPart[]> {
    if (upload.method !== 'multipart' || upload.status !== 'open' || !upload.multipartId) return [];
    const [stored, declared] = await Promise.all([
      this.store.listParts(upload.objectKey, upload.multipartId),
      this.database.read(scope, (tx) => declaredParts(tx, upload.id)),
    ]);
    const sha256 = new Map(declared.map((part) => [part.partNumber, part.sha256]));
    return stored.map((part) => ({ ...part, sha256: sha256.get(part.partNumber) ?? null }));
  }

  /** Made at the store when the first part is presigned. Of two that are made at once one stays; the sweep finds the other by its key. */
  private async ensureMultipart(scope: Scope, upload: Upload): Promise<string> {
    if (upload.multipartId) return upload.multipartId;
    const made = await this.store.createMultipart(upload.objectKey);
    const stands = await this.database.transaction(scope, (tx) => setMultipartId(tx, upload.id, made));
    if (stands !== made) await this.store.abortMultipart(upload.objectKey, made);
    return stands;
  }

  /** What is stored for an upload and is not its version's own is removed by the worker. */
  tidyUp(tx: Transaction, upload: Upload, delayMilliseconds = 0): void {
    tx.publish({ type: 'datasets.upload.ended', payload: { uploadId: upload.id }, delayMilliseconds });
  }

  /** The upload, locked, if it takes bytes. */
  async lockOpen(tx: Transaction, uploadId: string): Promise<Upload> {
    const upload = await lockUpload(tx, uploadId);
    if (!upload) throw DATASET_ERRORS.UPLOAD_NOT_FOUND({ id: uploadId }, { path: ['uploadId'] });
    const expired = upload.expiresAt <= this.clock.now();
    if (upload.status !== 'open' || expired) {
      const state = upload.status === 'open' ? 'expired' : upload.status;
      throw DATASET_ERRORS.UPLOAD_NOT_OPEN({ state }, { path: ['uploadId'] });
    }
    return upload;
  }

  private async open(
    tx: Transaction,
    declared: Pick<Upload, 'projectId' | 'datasetId' | 'filename' | 'bytes' | 'sha256' | 'method' | 'partBytes'>,
  ): Promise<Upload> {
    await this.entitlements.assertDataMayBeHere(tx);
    const now = this.clock.now();
    const versionId = newId('file');
    return {
      ...declared,
      id: newId('upl'),
      versionId,
      objectKey: `${versionPrefix(tx.scope.organizationId, versionId)}content`,
      multipartId: null,
      meaning: null,
      status: 'open',
      failure: null,
      createdAt: now,
      createdBy: tx.scope.actor.id,
      expiresAt: new Date(now.getTime() + UPLOAD_LIFETIME_SECONDS * 1000),
      endedAt: null,
    };
  }
}
