import type { Removal } from '#libs/contracts';
import { DATASET_ERRORS } from './datasets.errors.js';

/** A named series of versions in a project. */
export interface Dataset {
  id: string;
  projectId: string;
  name: string;
  description: string;
  createdAt: Date;
  createdBy: string;
}

/** What a file is for. `fine-tune-results` is written by the platform, never uploaded. */
export const UPLOAD_PURPOSES = ['fine-tune', 'user_data'] as const;
export type UploadPurpose = (typeof UPLOAD_PURPOSES)[number];
export type FilePurpose = UploadPurpose | 'fine-tune-results';

/** Immutable bytes: the id is the OpenAI file id. A deleted version stays as a tombstone with its hash. */
export interface DatasetVersion {
  id: string;
  projectId: string;
  /** Null for results that the platform wrote. */
  datasetId: string | null;
  /** 1, 2, 3 within the dataset. */
  number: number | null;
  filename: string;
  purpose: FilePurpose;
  bytes: number;
  sha256: string;
  contentEncoding: ContentEncoding;
  objectKey: string;
  status: 'ready' | 'deleted';
  createdAt: Date;
  createdBy: string;
  expiresAt: Date | null;
  deletedAt: Date | null;
  deletedBy: string | null;
  purgedAt: Date | null;
  /** Where a clause of a contract deleted it. */
  removal: Removal | null;
}

export type ContentEncoding = 'identity' | 'gzip';

/** Told by the bytes, not by the name: a gzip member begins with 1f 8b. */
export function sniffEncoding(head: Uint8Array): ContentEncoding {
  return head[0] === 0x1f && head[1] === 0x8b ? 'gzip' : 'identity';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;

export function assertDatasetName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length < 1 || trimmed.length > 200 || CONTROL.test(trimmed)) {
    throw DATASET_ERRORS.DATASET_NAME_INVALID({ path: ['name'] });
  }
  return trimmed;
}

export function assertFilename(filename: string): string {
  if (filename.length < 1 || filename.length > 255 || /[/\\]/.test(filename) || CONTROL.test(filename)) {
    throw DATASET_ERRORS.FILE_NAME_INVALID({ path: ['filename'] });
  }
  return filename;
}

export function assertUploadPurpose(purpose: string): UploadPurpose {
  const known = UPLOAD_PURPOSES.find((candidate) => candidate === purpose);
  if (known) return known;
  throw DATASET_ERRORS.PURPOSE_UNSUPPORTED({ purpose, supported: UPLOAD_PURPOSES.join(', ') }, { path: ['purpose'] });
}

export function assertSha256(sha256: string, path: Array<string | number> = ['sha256']): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw DATASET_ERRORS.SHA256_INVALID({ path });
  return sha256;
}

/** Everything that is stored for a version on its way in is below this prefix, so that tidying up is one sweep. */
export function versionPrefix(organizationId: string, versionId: string): string {
  return `org/${organizationId}/files/${versionId}/`;
}

/** Where the attempts of a preparation write. */
export function preparationPrefix(organizationId: string, preparationId: string): string {
  return `org/${organizationId}/preparations/${preparationId}/`;
}
