import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { Every } from '#platform/queue';
import { ObjectStore } from '#platform/storage';
import { findCheckpoints, getJob } from '../compute.repository.js';
import { folderPrefix } from '../compute-job.js';
import { type Owned, scopeOf, WorkList } from './work-list.js';

/** Beyond the life of any URL that an attempt may still hold. */
const REST_MILLISECONDS = 3_600_000;
const BATCH = 20;

/** Removes what attempts of jobs that are over left half done: everything but the result, whole checkpoints and logs. */
@Injectable()
export class Sweeper {
  constructor(
    private readonly database: Database,
    private readonly workList: WorkList,
    private readonly store: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('10m', 'compute.sweep')
  async sweep(signal?: AbortSignal): Promise<void> {
    const endedBefore = new Date(this.clock.now().getTime() - REST_MILLISECONDS);
    for (const job of await this.workList.unswept(endedBefore, BATCH)) {
      if (signal?.aborted) return;
      await this.sweepJob(job);
    }
  }

  private async sweepJob(unswept: Owned & { id: string }): Promise<void> {
    const scope = scopeOf(unswept);
    const { prefix, kept } = await this.database.read(scope, async (tx) => {
      const job = await getJob(tx, unswept.id);
      const whole = (await findCheckpoints(tx, job.id)).filter(({ state }) => state === 'whole');
      const checkpoints = whole.map(({ attempt, folder }) => folderPrefix(job, attempt, folder));
      return {
        prefix: `${job.outputPrefix}attempts/`,
        kept: [...checkpoints, ...(job.output ? [job.output.keyPrefix] : [])],
      };
    });
    for await (const { key } of this.store.list(prefix)) {
      if (!kept.some((keptPrefix) => key.startsWith(keptPrefix))) await this.store.delete(key);
    }
    await this.database.transaction(scope, (tx) =>
      tx.query('UPDATE compute_jobs SET swept_at = $2 WHERE id = $1 AND organization_id = :organization', [
        unswept.id,
        this.clock.now(),
      ]),
    );
  }
}
