import { Injectable, type OnModuleInit } from '@nestjs/common';
import { StorageSources, type StorageSpan, type StoredContent } from '#libs/usage';
import type { Transaction } from '#platform/database';

/** Files count from when they are complete until they are deleted: that bytes of a deleted one are still read by a job is not its owner's. */
@Injectable()
export class StoredFiles implements OnModuleInit {
  constructor(private readonly sources: StorageSources) {}

  onModuleInit(): void {
    this.sources.register(storedFiles);
  }
}

async function storedFiles(tx: Transaction, { from, to }: StorageSpan): Promise<StoredContent[]> {
  const rows = await tx.query<{ project_id: string; byte_milliseconds: string }>(
    `SELECT project_id, sum(bytes * (extract(epoch FROM least(deleted_at, $2) - greatest(created_at, $1)) * 1000)::bigint) AS byte_milliseconds
     FROM dataset_versions
     WHERE organization_id = :organization AND created_at < $2 AND (deleted_at IS NULL OR deleted_at > $1)
     GROUP BY project_id ORDER BY project_id`,
    [from, to],
  );
  return rows.map(({ project_id, byte_milliseconds }) => ({
    subjectId: project_id,
    projectId: project_id,
    variant: null,
    byteMilliseconds: BigInt(byte_milliseconds),
  }));
}
