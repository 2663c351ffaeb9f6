import type { FileDeleted, FileObject } from 'openai/resources/files';
import type { UploadPart } from 'openai/resources/uploads/parts';
import type { Upload as OpenAiUpload } from 'openai/resources/uploads/uploads';
import type { DatasetVersion, StreamPart, Upload } from '#libs/datasets';

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);

/** OpenAI's file object. A version is made only when its bytes are there and verified, so it is always `processed`. */
export function presentFile(version: DatasetVersion): FileObject {
  return {
    id: version.id,
    object: 'file',
    bytes: version.bytes,
    created_at: seconds(version.createdAt),
    filename: version.filename,
    purpose: version.purpose,
    status: 'processed',
    ...(version.expiresAt && { expires_at: seconds(version.expiresAt) }),
  };
}

export interface FileList {
  object: 'list';
  data: FileObject[];
  first_id: string;
  last_id: string;
  has_more: boolean;
}

/** The document says that the ids are strings, so an empty page has empty ones. */
export function presentFiles(versions: readonly DatasetVersion[], hasMore: boolean): FileList {
  const data = versions.map(presentFile);
  return { object: 'list', data, first_id: data[0]?.id ?? '', last_id: data.at(-1)?.id ?? '', has_more: hasMore };
}

export function presentDeleted(id: string): FileDeleted {
  return { id, object: 'file', deleted: true };
}

const UPLOAD_STATUS: Partial<Record<Upload['status'], OpenAiUpload['status']>> = {
  completed: 'completed',
  aborted: 'cancelled',
  expired: 'expired',
};

/** OpenAI's upload object: an open one whose time is over has expired, also before the sweeper comes by. */
export function presentUpload(upload: Upload, version: DatasetVersion | null, now: Date): OpenAiUpload {
  const status = UPLOAD_STATUS[upload.status] ?? (upload.expiresAt <= now ? 'expired' : 'pending');
  return {
    id: upload.id,
    object: 'upload',
    bytes: upload.bytes!,
    created_at: seconds(upload.createdAt),
    expires_at: seconds(upload.expiresAt),
    filename: upload.filename,
    purpose: upload.meaning!.purpose,
    status,
    ...(version && { file: presentFile(version) }),
  };
}

export function presentPart(part: StreamPart, uploadId: string): UploadPart {
  return { id: part.id, object: 'upload.part', created_at: seconds(part.createdAt), upload_id: uploadId };
}
