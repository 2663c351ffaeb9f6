import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { type DeclaredBody, ObjectStore, STORAGE_ERRORS } from '#platform/storage';
import { type ContentEncoding, sniffEncoding } from './dataset.js';
import { DATASET_ERRORS } from './datasets.errors.js';
import { formatNumbers, missingParts, type Upload } from './upload.js';
import { declaredParts, findUploads, lockUpload, moveUpload } from './upload.repository.js';
import { UploadsService } from './uploads.service.js';

/** Refusals after which the sender can still mend the upload: it is opened again. */
const MENDABLE = new Set(['UPLOAD_INCOMPLETE', 'PART_REJECTED']);

/** Finds out whether what is stored is what was declared, and makes the version if it is. Done again after a crash, it ends the same. */
@Injectable()
export class UploadVerifier {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly uploads: UploadsService,
  ) {}

  async verify(scope: Scope, uploadId: string): Promise<void> {
    const [upload] = await this.database.read(scope, (tx) => findUploads(tx, [uploadId]));
    if (upload?.status !== 'verifying') return;
    try {
      await this.join(scope, upload);
      const stored = await this.inspect(upload);
      await this.conclude(scope, uploadId, (tx, current) =>
        this.uploads.succeed(tx, current, {
          ...stored,
          datasetId: current.datasetId!,
          purpose: 'fine-tune',
          expiresAt: null,
        }),
      );
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      await this.refuse(scope, uploadId, error);
    }
  }

  /** Joins the parts, unless that was done before a crash. */
  private async join(scope: Scope, upload: Upload): Promise<void> {
    if (await this.store.head(upload.objectKey)) return;
    if (upload.method === 'single_put') throw DATASET_ERRORS.UPLOAD_INCOMPLETE({ missing: 'all bytes' });
    const stored = upload.multipartId ? await this.store.listParts(upload.objectKey, upload.multipartId) : [];
    const missing = missingParts(upload.bytes!, upload.partBytes!, stored);
    if (missing.length > 0) {
      throw DATASET_ERRORS.UPLOAD_INCOMPLETE({ missing: `parts ${formatNumbers(missing)}` });
    }
    const declared = await this.database.read(scope, (tx) => declaredParts(tx, upload.id));
    const sha256 = new Map(declared.map((part) => [part.partNumber, part.sha256]));
    const parts = stored.map(({ partNumber, etag }) => ({ partNumber, etag, sha256: sha256.get(partNumber)! }));
    await this.store.completeMultipart(upload.objectKey, upload.multipartId!, parts);
  }

  /** Reads the whole object: hashes of parts do not add up to the hash of the file. */
  private async inspect(upload: Upload): Promise<DeclaredBody & { contentEncoding: ContentEncoding }> {
    const stored = await this.store.head(upload.objectKey);
    if (!stored) throw STORAGE_ERRORS.OBJECT_NOT_FOUND({ key: upload.objectKey });
    if (stored.bytes !== upload.bytes) {
      throw DATASET_ERRORS.UPLOAD_SIZE_MISMATCH({ declaredBytes: upload.bytes!, storedBytes: stored.bytes });
    }
    const { bytes, sha256, head } = await this.store.digest(upload.objectKey);
    if (sha256 !== upload.sha256) {
      throw DATASET_ERRORS.UPLOAD_HASH_MISMATCH({ declared: upload.sha256!, stored: sha256 });
    }
    return { bytes, sha256, contentEncoding: sniffEncoding(head) };
  }

  private refuse(scope: Scope, uploadId: string, { code, message }: DomainError): Promise<void> {
    const failure = { code, message };
    return this.conclude(scope, uploadId, (tx, current) =>
      MENDABLE.has(code)
        ? moveUpload(tx, current, 'open', { at: current.createdAt, failure })
        : this.uploads.discard(tx, current, 'rejected', failure),
    );
  }

  /** Once: who comes second finds the upload moved on. */
  private async conclude(
    scope: Scope,
    uploadId: string,
    work: (tx: Transaction, current: Upload) => Promise<void>,
  ): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const current = await lockUpload(tx, uploadId);
      if (current?.status === 'verifying') await work(tx, current);
    });
  }
}
