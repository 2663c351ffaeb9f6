import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import type { RetentionClause } from './retention.js';
import { RetentionService } from './retention.service.js';

/** All content of an organization goes, by a clause, once its day has come. */
export interface ContentRemoval {
  clause: RetentionClause;
  /** What was made before goes; what comes later stays. */
  begunAt: Date;
}

export interface RemovalWork {
  scope: Scope;
  removal: ContentRemoval;
  signal?: AbortSignal;
}

/** What uses content ends; then what is left of it says that it is gone; then its bytes go. */
export const REMOVAL_STAGES = ['stop', 'bury', 'erase'] as const;
export type RemovalStage = (typeof REMOVAL_STAGES)[number];

/** Done again it does what is left; false while something is left that has to be waited for. */
export type ContentRemover = (work: RemovalWork) => Promise<boolean>;

export interface Erasure<Thing> {
  /** The next ones; none of those that were marked. */
  find: (tx: Transaction) => Promise<Thing[]>;
  /** What is gone already is no error. */
  erase: (thing: Thing) => Promise<void>;
  mark: (tx: Transaction, ids: readonly string[]) => Promise<void>;
}

/** For cancelling what has ended already: its end is told in a moment, and it goes at a later turn. */
export function ignoreEnded(error: unknown): void {
  if (!(error instanceof DomainError && error.code === 'INVALID_TRANSITION')) throw error;
}

/** How many things go in one transaction. */
export const REMOVAL_BATCH = 50;

/** Removes the content of an organization: each domain knows its own, and says here how it goes. */
@Injectable()
export class ContentRemovers {
  private readonly removers: Array<{ stage: RemovalStage; remove: ContentRemover }> = [];

  constructor(
    private readonly database: Database,
    private readonly retention: RetentionService,
  ) {}

  register(stage: RemovalStage, remove: ContentRemover): void {
    this.removers.push({ stage, remove });
  }

  /** True once nothing is left; a stage begins when the one before is over. */
  async remove(work: RemovalWork): Promise<boolean> {
    for (const stage of REMOVAL_STAGES) {
      let isDone = true;
      for (const remover of this.removers.filter((one) => one.stage === stage))
        isDone = (await remover.remove(work)) && isDone;
      if (!isDone) return false;
    }
    return true;
  }

  /** One transaction after another, each with its entry in the audit log, until one finds nothing; false when it was told to stop. */
  async inBatches(
    { scope, removal, signal }: RemovalWork,
    removeBatch: (tx: Transaction) => Promise<string[]>,
  ): Promise<boolean> {
    while (!signal?.aborted) {
      const ids = await this.database.transaction(scope, async (tx) => {
        const removed = await removeBatch(tx);
        if (removed.length > 0) await this.retention.record(tx, removal.clause, removed);
        return removed;
      });
      if (ids.length === 0) return true;
    }
    return false;
  }

  /** The same for what has objects: they go first, outside the transaction, so that what says that it is gone has none. */
  async eraseInBatches<Thing extends { id: string }>(work: RemovalWork, how: Erasure<Thing>): Promise<boolean> {
    while (!work.signal?.aborted) {
      const things = await this.database.read(work.scope, how.find);
      if (things.length === 0) return true;
      for (const thing of things) await how.erase(thing);
      const ids = things.map(({ id }) => id);
      await this.database.transaction(work.scope, async (tx) => {
        await how.mark(tx, ids);
        await this.retention.record(tx, work.removal.clause, ids);
      });
    }
    return false;
  }
}
