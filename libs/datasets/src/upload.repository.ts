import { inScope, type Transaction } from '#platform/database';
import type { Upload, UploadFailure } from './upload.js';
import { type UploadState, uploadStates } from './upload.state.js';

const UPLOAD_COLUMNS = `u.id, u.project_id AS "projectId", u.dataset_id AS "datasetId", u.version_id AS "versionId",
  u.method, u.filename, u.bytes::float8 AS bytes, u.sha256, u.part_bytes::float8 AS "partBytes", u.meaning,
  u.object_key AS "objectKey", u.multipart_id AS "multipartId", u.status, u.failure, u.created_at AS "createdAt",
  u.created_by AS "createdBy", u.expires_at AS "expiresAt", u.ended_at AS "endedAt"`;

export async function insertUpload(tx: Transaction, upload: Upload): Promise<void> {
  await tx.query(
    `INSERT INTO uploads (id, organization_id, project_id, dataset_id, version_id, method, filename, bytes, sha256,
       part_bytes, meaning, object_key, status, created_at, created_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      upload.id,
      tx.scope.organizationId,
      upload.projectId,
      upload.datasetId,
      upload.versionId,
      upload.method,
      upload.filename,
      upload.bytes,
      upload.sha256,
      upload.partBytes,
      upload.meaning && JSON.stringify(upload.meaning),
      upload.objectKey,
      upload.status,
      upload.createdAt,
      upload.createdBy,
      upload.expiresAt,
    ],
  );
}

export function findUploads(tx: Transaction, ids: readonly string[]): Promise<Upload[]> {
  return tx.query<Upload>(`SELECT ${UPLOAD_COLUMNS} FROM uploads u WHERE u.id = ANY($1) AND ${inScope('u')}`, [
    [...ids],
  ]);
}

/** Begun before, and neither complete nor given up. */
export async function uploadsUnderWayBefore(tx: Transaction, before: Date): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT u.id FROM uploads u WHERE u.organization_id = :organization AND u.status IN ('open', 'verifying')
       AND u.created_at < $1 ORDER BY u.id`,
    [before],
  );
  return rows.map(({ id }) => id);
}

/** Held until the transaction ends, so that those who move it take turns. */
export function lockUpload(tx: Transaction, id: string): Promise<Upload | null> {
  return tx.one<Upload>(`SELECT ${UPLOAD_COLUMNS} FROM uploads u WHERE u.id = $1 AND ${inScope('u')} FOR UPDATE`, [id]);
}

/** The object store's name for the parts, set once. Gives the one that stands. */
export async function setMultipartId(tx: Transaction, id: string, multipartId: string): Promise<string> {
  const row = await tx.one<{ multipart_id: string }>(
    `UPDATE uploads SET multipart_id = coalesce(multipart_id, $2)
     WHERE id = $1 AND organization_id = :organization RETURNING multipart_id`,
    [id, multipartId],
  );
  return row!.multipart_id;
}

export async function moveUpload(
  tx: Transaction,
  upload: Upload,
  to: UploadState,
  change: { at: Date; failure?: UploadFailure; datasetId?: string },
): Promise<void> {
  uploadStates.assert(upload.status, to);
  await tx.query(
    `UPDATE uploads SET status = $2, failure = $3, dataset_id = coalesce($4, dataset_id), ended_at = $5
     WHERE id = $1 AND organization_id = :organization`,
    [
      upload.id,
      to,
      change.failure ? JSON.stringify(change.failure) : null,
      change.datasetId ?? null,
      uploadStates.isTerminal(to) ? change.at : null,
    ],
  );
}

export interface DeclaredPart {
  partNumber: number;
  sha256: string;
}

/** A part that is declared again has changed on the sender's side: the newer hash stands. */
export async function declareParts(tx: Transaction, uploadId: string, parts: readonly DeclaredPart[]): Promise<void> {
  await tx.query(
    `INSERT INTO upload_parts (upload_id, organization_id, part_number, sha256)
     SELECT $1, $2, p.number, p.sha256 FROM unnest($3::int[], $4::text[]) AS p(number, sha256)
     ON CONFLICT (upload_id, part_number) DO UPDATE SET sha256 = excluded.sha256
       WHERE upload_parts.organization_id = :organization`,
    [uploadId, tx.scope.organizationId, parts.map((part) => part.partNumber), parts.map((part) => part.sha256)],
  );
}

export function declaredParts(tx: Transaction, uploadId: string): Promise<DeclaredPart[]> {
  return tx.query<DeclaredPart>(
    `SELECT part_number AS "partNumber", sha256 FROM upload_parts
     WHERE upload_id = $1 AND organization_id = :organization ORDER BY part_number`,
    [uploadId],
  );
}

/** A part of a stream, stored as an object of its own. */
export interface StreamPart {
  id: string;
  bytes: number;
  objectKey: string;
  createdAt: Date;
}

export async function insertStreamPart(tx: Transaction, uploadId: string, part: StreamPart): Promise<void> {
  await tx.query(
    `INSERT INTO upload_stream_parts (id, upload_id, organization_id, bytes, object_key, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [part.id, uploadId, tx.scope.organizationId, part.bytes, part.objectKey, part.createdAt],
  );
}

export function findStreamParts(tx: Transaction, uploadId: string): Promise<StreamPart[]> {
  return tx.query<StreamPart>(
    `SELECT id, bytes::float8 AS bytes, object_key AS "objectKey", created_at AS "createdAt"
     FROM upload_stream_parts WHERE upload_id = $1 AND organization_id = :organization`,
    [uploadId],
  );
}
