import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ContentRemovers, REMOVAL_BATCH, type RemovalWork, removalOf } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { areJobsLeftBefore, erasableJobs, markJobsRemoved } from '../compute.repository.js';

/**
 * What an organization's jobs wrote: prepared data, weights, answers, logs. A job goes when it is over and swept, so that no attempt
 * can bring anything back, and when no job of anybody reads what it wrote.
 */
@Injectable()
export class ComputeRemover implements OnModuleInit {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly removers: ContentRemovers,
  ) {}

  onModuleInit(): void {
    this.removers.register('erase', (work) => this.erase(work));
  }

  private async erase(work: RemovalWork): Promise<boolean> {
    const { scope, removal } = work;
    const read = await this.keysBeingRead(scope.organizationId);
    const isOver = await this.removers.eraseInBatches(work, {
      find: (tx) => erasableJobs(tx, { before: removal.begunAt, read, limit: REMOVAL_BATCH }),
      erase: ({ outputPrefix }) => this.store.deleteAll(outputPrefix),
      mark: (tx, ids) => markJobsRemoved(tx, ids, removalOf(removal.clause, this.clock.now())),
    });
    return isOver && !(await this.database.read(scope, (tx) => areJobsLeftBefore(tx, removal.begunAt)));
  }

  /** Of the organization's objects, by jobs of everybody that are not over: a variant may have been listed for others. */
  private async keysBeingRead(organizationId: string): Promise<string[]> {
    const rows = await this.database.as('reconciler', (tx) =>
      tx.query<{ key: string }>(
        `SELECT file ->> 'key' AS key
         FROM compute_jobs, jsonb_array_elements(inputs) AS input, jsonb_array_elements(input -> 'files') AS file
         WHERE ended_at IS NULL AND starts_with(file ->> 'key', $1)`,
        [`org/${organizationId}/`],
      ),
    );
    return rows.map(({ key }) => key);
  }
}
