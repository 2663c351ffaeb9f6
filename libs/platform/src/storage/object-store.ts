import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  type DeclaredBody,
  hexToBase64,
  type PresignedRequest,
  type PresignOptions,
  type StoredObject,
  type StoredPart,
  type UploadedPart,
} from './requests.js';
import { STORAGE_ERRORS } from './storage.errors.js';

export interface ObjectStoreOptions {
  /** Where our own processes reach the store. */
  endpoint: string;
  /** Where browsers and clients reach it; presigned URLs name it, since the host is part of the signature. */
  publicEndpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  bucket: string;
}

const DEFAULT_EXPIRY_SECONDS = 900;
/** Enough to tell formats apart by how they begin. */
const HEAD_BYTES = 16;
const CHECKSUM_HEADER = 'x-amz-checksum-sha256';
const SIGNED_UPLOAD_HEADERS = new Set(['host', 'content-length', CHECKSUM_HEADER]);
const ABSENT = new Set(['NotFound', 'NoSuchKey', 'NoSuchUpload']);

/** The one bucket of the platform. Keys begin `org/<organizationId>/`; every object has a row that says why it is there. */
export class ObjectStore {
  private readonly internal: S3Client;
  private readonly public: S3Client;
  readonly bucket: string;

  constructor(options: ObjectStoreOptions) {
    this.bucket = options.bucket;
    this.internal = client(options, options.endpoint);
    this.public = client(options, options.publicEndpoint);
  }

  close(): void {
    this.internal.destroy();
    this.public.destroy();
  }

  // --- presigned requests: bytes that never pass through our processes ---------------------------------------------

  async presignGet(key: string, options: PresignOptions & { filename?: string } = {}): Promise<PresignedRequest> {
    const command = new GetObjectCommand({
      ...this.at(key),
      ...(options.filename && { ResponseContentDisposition: attachment(options.filename) }),
    });
    const url = await getSignedUrl(this.signer(options), command, { expiresIn: expiry(options) });
    return { method: 'GET', url, headers: {} };
  }

  presignPut(key: string, body: DeclaredBody, options: PresignOptions = {}): Promise<PresignedRequest> {
    return this.presignUpload(new PutObjectCommand({ ...this.at(key), ...declared(body) }), body, options);
  }

  presignPart(
    key: string,
    multipartId: string,
    part: DeclaredBody & { partNumber: number },
    options: PresignOptions = {},
  ): Promise<PresignedRequest> {
    const command = new UploadPartCommand({
      ...this.at(key),
      UploadId: multipartId,
      PartNumber: part.partNumber,
      ...declared(part),
    });
    return this.presignUpload(command, part, options);
  }

  // --- multipart uploads --------------------------------------------------------------------------------------------

  async createMultipart(key: string, options: { contentType?: string } = {}): Promise<string> {
    const { UploadId } = await this.internal.send(
      new CreateMultipartUploadCommand({
        ...this.at(key),
        ContentType: options.contentType,
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    return UploadId!;
  }

  async uploadPart(key: string, multipartId: string, partNumber: number, body: Uint8Array): Promise<UploadedPart> {
    const sha256 = createHash('sha256').update(body).digest('hex');
    const { ETag } = await this.internal.send(
      new UploadPartCommand({
        ...this.at(key),
        UploadId: multipartId,
        PartNumber: partNumber,
        Body: body,
        ...declared({ bytes: body.byteLength, sha256 }),
      }),
    );
    return { partNumber, etag: ETag!, sha256 };
  }

  /** The parts that are there, by number. A part that was sent twice counts once, as it was sent last. */
  async listParts(key: string, multipartId: string): Promise<StoredPart[]> {
    const byNumber = new Map<number, StoredPart>();
    let marker: string | undefined;
    do {
      const page = await this.internal
        .send(new ListPartsCommand({ ...this.at(key), UploadId: multipartId, PartNumberMarker: marker }))
        .catch(rethrow(STORAGE_ERRORS.MULTIPART_NOT_FOUND()));
      for (const part of page.Parts ?? []) {
        byNumber.set(part.PartNumber!, { partNumber: part.PartNumber!, bytes: part.Size!, etag: part.ETag! });
      }
      marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
    } while (marker);
    return [...byNumber.values()].sort((a, b) => a.partNumber - b.partNumber);
  }

  async completeMultipart(key: string, multipartId: string, parts: readonly UploadedPart[]): Promise<void> {
    const ordered = [...parts].sort((a, b) => a.partNumber - b.partNumber);
    const command = new CompleteMultipartUploadCommand({
      ...this.at(key),
      UploadId: multipartId,
      MultipartUpload: {
        Parts: ordered.map(({ partNumber, etag, sha256 }) => ({
          PartNumber: partNumber,
          ETag: etag,
          ChecksumSHA256: hexToBase64(sha256),
        })),
      },
    });
    await this.internal.send(command).catch((error: unknown) => {
      if (isAbsent(error)) throw STORAGE_ERRORS.MULTIPART_NOT_FOUND({ cause: error });
      if (isClientError(error)) throw STORAGE_ERRORS.PART_REJECTED({ cause: error });
      throw error;
    });
  }

  /** Aborting what is gone already is no error. */
  async abortMultipart(key: string, multipartId: string): Promise<void> {
    await this.internal
      .send(new AbortMultipartUploadCommand({ ...this.at(key), UploadId: multipartId }))
      .catch(ignoreAbsent);
  }

  /** Uploads in parts below the prefix that were neither completed nor aborted, at most 1,000. */
  async listMultiparts(prefix: string): Promise<Array<{ key: string; multipartId: string }>> {
    const { Uploads } = await this.internal.send(
      new ListMultipartUploadsCommand({ Bucket: this.bucket, Prefix: prefix, MaxUploads: 1000 }),
    );
    return (Uploads ?? []).map(({ Key, UploadId }) => ({ key: Key!, multipartId: UploadId! }));
  }

  // --- objects ------------------------------------------------------------------------------------------------------

  async head(key: string): Promise<StoredObject | null> {
    const found = await this.internal.send(new HeadObjectCommand(this.at(key))).catch(ignoreAbsent);
    if (!found) return null;
    const { ContentLength, ETag, LastModified, ContentType } = found;
    return { key, bytes: ContentLength!, etag: ETag!, modifiedAt: LastModified!, contentType: ContentType };
  }

  /** The bytes, as they come; `range` counts from 0 and includes its end. */
  async getStream(key: string, options: { range?: { start: number; end?: number } } = {}): Promise<Readable> {
    const { range } = options;
    const command = new GetObjectCommand({
      ...this.at(key),
      ...(range && { Range: `bytes=${range.start}-${range.end ?? ''}` }),
    });
    const { Body } = await this.internal.send(command).catch(rethrow(STORAGE_ERRORS.OBJECT_NOT_FOUND({ key })));
    return Body as Readable;
  }

  /** A small object as text; one over the limit is refused before it is read. */
  async getText(key: string, options: { limitBytes?: number } = {}): Promise<string> {
    const { limitBytes = 16 * 1024 ** 2 } = options;
    const command = new GetObjectCommand(this.at(key));
    const { Body, ContentLength } = await this.internal
      .send(command)
      .catch(rethrow(STORAGE_ERRORS.OBJECT_NOT_FOUND({ key })));
    if (ContentLength! > limitBytes) {
      (Body as Readable).destroy();
      throw STORAGE_ERRORS.OBJECT_TOO_LARGE({ limitBytes });
    }
    return Body!.transformToString('utf-8');
  }

  async put(
    key: string,
    body: string | Uint8Array,
    options: { contentType?: string; onlyIfAbsent?: boolean } = {},
  ): Promise<DeclaredBody> {
    const data = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    const sha256 = createHash('sha256').update(data).digest('hex');
    const command = new PutObjectCommand({
      ...this.at(key),
      Body: data,
      ContentType: options.contentType,
      ...declared({ bytes: data.byteLength, sha256 }),
      ...(options.onlyIfAbsent && { IfNoneMatch: '*' }),
    });
    await this.internal.send(command).catch((error: unknown) => {
      const taken = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
      throw taken ? STORAGE_ERRORS.OBJECT_EXISTS({ key }, { cause: error }) : error;
    });
    return { bytes: data.byteLength, sha256 };
  }

  async copy(from: string, to: string): Promise<void> {
    const source = `${this.bucket}/${from.split('/').map(encodeURIComponent).join('/')}`;
    await this.internal
      .send(new CopyObjectCommand({ ...this.at(to), CopySource: source }))
      .catch(rethrow(STORAGE_ERRORS.OBJECT_NOT_FOUND({ key: from })));
  }

  /** Deleting what is gone already is no error. */
  async delete(key: string): Promise<void> {
    await this.internal.send(new DeleteObjectCommand(this.at(key))).catch(ignoreAbsent);
  }

  /** Everything below a prefix, gone for good. */
  async deleteAll(prefix: string): Promise<void> {
    for await (const { key } of this.list(prefix)) await this.delete(key);
  }

  /** Every object below the prefix, page by page, in the order of the keys. */
  async *list(prefix: string): AsyncGenerator<StoredObject> {
    let token: string | undefined;
    do {
      const page = await this.internal.send(
        new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
        yield { key: Key!, bytes: Size!, etag: ETag!, modifiedAt: LastModified! };
      }
      token = page.NextContinuationToken;
    } while (token);
  }

  /** What is really stored, read through once in bounded memory, and how it begins. A multipart object's own checksum is composite. */
  async digest(key: string): Promise<DeclaredBody & { head: Buffer }> {
    const hash = createHash('sha256');
    let bytes = 0;
    let head = Buffer.alloc(0);
    for await (const chunk of (await this.getStream(key)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      if (head.byteLength < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.byteLength)]);
    }
    return { bytes, sha256: hash.digest('hex'), head };
  }

  private async presignUpload(
    command: PutObjectCommand | UploadPartCommand,
    body: DeclaredBody,
    options: PresignOptions,
  ): Promise<PresignedRequest> {
    // As signed headers, not hoisted into the query: then a request without them, or with others, has no valid signature.
    const url = await getSignedUrl(this.signer(options), command as PutObjectCommand, {
      expiresIn: expiry(options),
      unhoistableHeaders: new Set([CHECKSUM_HEADER]),
      signableHeaders: SIGNED_UPLOAD_HEADERS,
    });
    const headers = { 'content-length': String(body.bytes), [CHECKSUM_HEADER]: hexToBase64(body.sha256) };
    return { method: 'PUT', url, headers };
  }

  private signer(options: PresignOptions): S3Client {
    return options.audience === 'internal' ? this.internal : this.public;
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: key };
  }
}

function client(options: ObjectStoreOptions, endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: options.region,
    forcePathStyle: true,
    credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey },
    // The default signs the CRC32 of an empty body into a presigned URL, and the upload is refused as BadDigest.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

function declared({ bytes, sha256 }: DeclaredBody): { ContentLength: number; ChecksumSHA256: string } {
  return { ContentLength: bytes, ChecksumSHA256: hexToBase64(sha256) };
}

function expiry(options: PresignOptions): number {
  return options.expiresInSeconds ?? DEFAULT_EXPIRY_SECONDS;
}

/** RFC 6266: the plain form for old clients, the encoded one for any name. */
function attachment(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function isAbsent(error: unknown): boolean {
  return error instanceof S3ServiceException && (ABSENT.has(error.name) || error.$metadata.httpStatusCode === 404);
}

function isClientError(error: unknown): boolean {
  return error instanceof S3ServiceException && Math.trunc((error.$metadata.httpStatusCode ?? 0) / 100) === 4;
}

function ignoreAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
  return undefined;
}

function rethrow(absent: Error): (error: unknown) => never {
  return (error) => {
    throw isAbsent(error) ? absent : error;
  };
}
