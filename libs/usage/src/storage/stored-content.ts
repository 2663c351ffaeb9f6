import { Injectable } from '@nestjs/common';
import type { Transaction } from '#platform/database';

export interface StorageSpan {
  from: Date;
  /** Exclusive. */
  to: Date;
}

/** What a project kept of one thing in a span of time. */
export interface StoredContent {
  /** The variant, or the project for all of its files. */
  subjectId: string;
  projectId: string;
  /** Of a variant: by which name it is called, and what it was made from; null for files. */
  variant: { name: string; checkpointId: string; baseCheckpointId: string; familyId: string } | null;
  /** Bytes times the milliseconds for which they were there. */
  byteMilliseconds: bigint;
}

/** Of the scope's organization: asked about the same span it gives the same, whenever it is asked after that. */
export type StorageSource = (tx: Transaction, span: StorageSpan) => Promise<StoredContent[]>;

/** What organizations keep: each domain knows its own, and says here how much it was. */
@Injectable()
export class StorageSources {
  private readonly sources: StorageSource[] = [];

  register(source: StorageSource): void {
    this.sources.push(source);
  }

  async storedIn(tx: Transaction, span: StorageSpan): Promise<StoredContent[]> {
    const stored: StoredContent[] = [];
    for (const source of this.sources) stored.push(...(await source(tx, span)));
    return stored;
  }
}
