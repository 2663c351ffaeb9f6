import { Injectable, type OnModuleInit } from '@nestjs/common';
import { StorageSources, type StorageSpan, type StoredContent } from '#libs/usage';
import type { Transaction } from '#platform/database';

/** The files of a variant count from when it is published until it is retired; deleting retires it. */
@Injectable()
export class StoredVariants implements OnModuleInit {
  constructor(private readonly sources: StorageSources) {}

  onModuleInit(): void {
    this.sources.register(storedVariants);
  }
}

export async function storedVariants(tx: Transaction, { from, to }: StorageSpan): Promise<StoredContent[]> {
  const rows = await tx.query<VariantRow>(
    `SELECT c.id, c.project_id, c.name, c.base_checkpoint_id, c.family_id, sum(f.bytes) *
            (extract(epoch FROM least(c.retired_at, $2) - greatest(c.published_at, $1)) * 1000)::bigint AS byte_milliseconds
     FROM checkpoints c JOIN checkpoint_files f ON f.checkpoint_id = c.id
     WHERE c.organization_id = :organization AND c.project_id IS NOT NULL AND c.published_at < $2
       AND (c.retired_at IS NULL OR c.retired_at > $1)
     GROUP BY c.id ORDER BY c.id`,
    [from, to],
  );
  return rows.map((row) => ({
    subjectId: row.id,
    projectId: row.project_id,
    variant: {
      name: row.name,
      checkpointId: row.id,
      baseCheckpointId: row.base_checkpoint_id,
      familyId: row.family_id,
    },
    byteMilliseconds: BigInt(row.byte_milliseconds),
  }));
}

interface VariantRow {
  id: string;
  project_id: string;
  name: string;
  base_checkpoint_id: string;
  family_id: string;
  byte_milliseconds: string;
}
