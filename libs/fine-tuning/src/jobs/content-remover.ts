import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { RetirementService } from '#libs/catalog';
import { ContentRemovers, ignoreEnded, REMOVAL_BATCH, type RemovalWork, removalOf } from '#libs/contracts';
import { DatasetsService } from '#libs/datasets';
import { FineTuningService, liveJobsBefore, markJobsRemoved } from '#libs/fine-tuning';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';

/** An organization's fine-tunes: what goes on is cancelled, and what they made says that its weights are gone. Compute removes the bytes. */
@Injectable()
export class FineTuneRemover implements OnModuleInit {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly removers: ContentRemovers,
    private readonly fineTuning: FineTuningService,
    private readonly retirement: RetirementService,
    private readonly datasets: DatasetsService,
  ) {}

  onModuleInit(): void {
    this.removers.register('stop', (work) => this.cancel(work));
    this.removers.register('bury', (work) => this.bury(work));
  }

  /** What a trainer is at work on ends in its own time. */
  private async cancel({ scope, removal, signal }: RemovalWork): Promise<boolean> {
    const live = () => this.database.read(scope, (tx) => liveJobsBefore(tx, removal.begunAt));
    for (const id of await live()) {
      if (signal?.aborted) return false;
      await this.database.transaction(scope, (tx) => this.fineTuning.cancel(tx, id)).catch(ignoreEnded);
    }
    return (await live()).length === 0;
  }

  private bury(work: RemovalWork): Promise<boolean> {
    const { begunAt, clause } = work.removal;
    return this.removers.inBatches(work, async (tx) => {
      const gone = removalOf(clause, this.clock.now());
      const jobs = await markJobsRemoved(tx, { before: begunAt, removal: gone, limit: REMOVAL_BATCH });
      const ids = jobs.map(({ id }) => id);
      const removed = [...ids, ...(await this.retirement.bury(tx, ids, gone))];
      // Of a job that ended only after the day had begun, too.
      for (const { resultFileId } of jobs) {
        if (resultFileId && (await this.datasets.removeVersion(tx, resultFileId, gone))) removed.push(resultFileId);
      }
      return removed;
    });
  }
}
