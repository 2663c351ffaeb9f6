import { MAX_FILE_BYTES } from '#libs/messages';
import { MULTIPART_LIMITS } from '#platform/storage';
import type { UploadPurpose } from './dataset.js';
import { DATASET_ERRORS } from './datasets.errors.js';
import type { UploadState } from './upload.state.js';

export type UploadMethod = 'single_put' | 'multipart' | 'stream' | 'stream_parts';

/** Bytes on their way to become a dataset version. */
export interface Upload {
  id: string;
  projectId: string;
  /** Null for a stream until it has ended. */
  datasetId: string | null;
  /** The id that the version will have. */
  versionId: string;
  method: UploadMethod;
  filename: string;
  bytes: number | null;
  sha256: string | null;
  partBytes: number | null;
  /** Where it is said before the bytes come: of streams in parts. */
  meaning: FileMeaning | null;
  objectKey: string;
  multipartId: string | null;
  status: UploadState;
  failure: UploadFailure | null;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date;
  endedAt: Date | null;
}

/** What a file is for, and how long it is kept. */
export interface FileMeaning {
  purpose: UploadPurpose;
  /** Counted from when the file is there. */
  expiresAfterSeconds: number | null;
}

export interface UploadFailure {
  code: string;
  message: string;
}

const MEBIBYTE = 1024 ** 2;

/** What the trainer takes as one input file. */
export const LARGEST_UPLOAD_BYTES = MAX_FILE_BYTES;
/** Up to here one PUT is less work than parts, and repeating it costs little. */
export const LARGEST_SINGLE_PUT_BYTES = 16 * MEBIBYTE;
const USUAL_PART_BYTES = 16 * MEBIBYTE;

export const UPLOAD_LIFETIME_SECONDS = 24 * 3600;
/** How long a presigned request may be sent; what an ended upload left is removed only after it. */
export const PRESIGNED_SECONDS = 900;

export interface UploadPlan {
  method: 'single_put' | 'multipart';
  partBytes: number | null;
}

/** How a file of this size is to be sent. All parts are equally long but the last, so that they can be named by number. */
export function planUpload(bytes: number): UploadPlan {
  if (bytes < 1) throw DATASET_ERRORS.FILE_EMPTY({ path: ['bytes'] });
  if (bytes > LARGEST_UPLOAD_BYTES) {
    throw DATASET_ERRORS.FILE_TOO_LARGE({ limitBytes: LARGEST_UPLOAD_BYTES }, { path: ['bytes'] });
  }
  if (bytes <= LARGEST_SINGLE_PUT_BYTES) return { method: 'single_put', partBytes: null };
  return { method: 'multipart', partBytes: partBytesFor(bytes) };
}

/** 16 MiB, or as many whole MiB as keep a large file within S3's number of parts. */
export function partBytesFor(bytes: number): number {
  const needed = Math.ceil(bytes / MULTIPART_LIMITS.maxParts / MEBIBYTE) * MEBIBYTE;
  return Math.max(USUAL_PART_BYTES, needed);
}

export function partCount(bytes: number, partBytes: number): number {
  return Math.ceil(bytes / partBytes);
}

/** Length of one part: all but the last are equal. */
export function bytesOfPart(bytes: number, partBytes: number, partNumber: number): number {
  const count = partCount(bytes, partBytes);
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > count) {
    throw DATASET_ERRORS.UPLOAD_PART_UNKNOWN({ partNumber, partCount: count }, { path: ['parts'] });
  }
  return partNumber < count ? partBytes : bytes - (count - 1) * partBytes;
}

/** The parts that are not there, or not whole. */
export function missingParts(
  bytes: number,
  partBytes: number,
  stored: ReadonlyArray<{ partNumber: number; bytes: number }>,
): number[] {
  const storedBytes = new Map(stored.map((part) => [part.partNumber, part.bytes]));
  const numbers = Array.from({ length: partCount(bytes, partBytes) }, (_, index) => index + 1);
  return numbers.filter((number) => storedBytes.get(number) !== bytesOfPart(bytes, partBytes, number));
}

/** "1-3, 7, 9-12" */
export function formatNumbers(numbers: readonly number[]): string {
  const ranges: Array<[number, number]> = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
