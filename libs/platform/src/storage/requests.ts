/** A request that whoever holds it may send, with exactly these headers, until it expires. */
export interface PresignedRequest {
  method: 'GET' | 'PUT';
  url: string;
  headers: Record<string, string>;
}

/** What the bytes must be: the signature covers both, so the store refuses a body that differs. */
export interface DeclaredBody {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/** Who sends a presigned request: browsers and clients reach the public endpoint, our own processes the internal one. */
export type PresignAudience = 'public' | 'internal';

export interface PresignOptions {
  expiresInSeconds?: number;
  audience?: PresignAudience;
}

export interface StoredObject {
  key: string;
  bytes: number;
  etag: string;
  modifiedAt: Date;
  contentType?: string;
}

export interface StoredPart {
  partNumber: number;
  bytes: number;
  etag: string;
}

export interface UploadedPart {
  partNumber: number;
  etag: string;
  sha256: string;
}

/** S3's own bounds on multipart uploads. */
export const MULTIPART_LIMITS = { minPartBytes: 5 * 1024 ** 2, maxPartBytes: 5 * 1024 ** 3, maxParts: 10_000 } as const;

export const hexToBase64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
