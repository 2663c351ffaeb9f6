import type { Transaction } from '#platform/database';
import type { StoredCheckpointFile } from './checkpoint.js';
import type { CheckpointFile, CheckpointPart } from './manifest.js';
import { ofSeenCheckpoints } from './visibility.js';

interface FileRow {
  checkpoint_id: string;
  path: string;
  part: CheckpointPart;
  bytes: string;
  sha256: string;
  object_key: string;
  verified_at: Date | null;
}

function toFile(row: FileRow): StoredCheckpointFile {
  return {
    checkpointId: row.checkpoint_id,
    path: row.path,
    part: row.part,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    key: row.object_key,
    verifiedAt: row.verified_at,
  };
}

export async function insertFiles(
  tx: Transaction,
  checkpointId: string,
  files: ReadonlyArray<CheckpointFile & { key: string; verifiedAt?: Date }>,
): Promise<void> {
  const column = <T>(value: (file: (typeof files)[number]) => T) => files.map(value);
  await tx.query(
    `INSERT INTO checkpoint_files (checkpoint_id, organization_id, path, part, bytes, sha256, object_key, verified_at)
     SELECT $1, $2, file.* FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::timestamptz[]) AS file`,
    [
      checkpointId,
      tx.scope.organizationId,
      column((file) => file.path),
      column((file) => file.part),
      column((file) => file.bytes),
      column((file) => file.sha256),
      column((file) => file.key),
      column((file) => file.verifiedAt ?? null),
    ],
  );
}

/** The files of each of several checkpoints, by path; of all parts, or of one. */
export async function filesOf(
  tx: Transaction,
  checkpointIds: readonly string[],
  part: CheckpointPart | null = null,
): Promise<StoredCheckpointFile[][]> {
  const rows = await tx.query<FileRow>(
    `SELECT * FROM checkpoint_files f WHERE checkpoint_id = ANY($1) AND ${ofSeenCheckpoints('f')}
       AND ($2::text IS NULL OR part = $2) ORDER BY checkpoint_id, path`,
    [[...checkpointIds], part],
  );
  const byCheckpoint = Map.groupBy(rows, (row) => row.checkpoint_id);
  return checkpointIds.map((id) => (byCheckpoint.get(id) ?? []).map(toFile));
}

export async function markVerified(tx: Transaction, file: StoredCheckpointFile, at: Date): Promise<void> {
  await tx.query(
    `UPDATE checkpoint_files SET verified_at = $3
     WHERE checkpoint_id = $1 AND path = $2 AND organization_id = :organization`,
    [file.checkpointId, file.path, at],
  );
}
