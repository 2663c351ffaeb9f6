import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ContentRemovers, ignoreEnded, REMOVAL_BATCH, type RemovalWork, removalOf } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import {
  areSuitesLeftBefore,
  liveRunsBefore,
  markRunsRemoved,
  markSuitesRemoved,
  removableSuites,
} from '../evaluations.repository.js';
import { EvaluationsService } from '../evaluations.service.js';

/** An organization's suites and the answers of its runs; scores and costs stay. Compute removes what runs wrote. */
@Injectable()
export class EvaluationRemover implements OnModuleInit {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly removers: ContentRemovers,
    private readonly evaluations: EvaluationsService,
  ) {}

  onModuleInit(): void {
    this.removers.register('stop', (work) => this.cancel(work));
    this.removers.register('bury', (work) => this.buryAnswers(work));
    this.removers.register('erase', (work) => this.eraseSuites(work));
  }

  private async cancel({ scope, removal, signal }: RemovalWork): Promise<boolean> {
    const live = () => this.database.read(scope, (tx) => liveRunsBefore(tx, removal.begunAt));
    for (const id of await live()) {
      if (signal?.aborted) return false;
      await this.database.transaction(scope, (tx) => this.evaluations.cancelRun(tx, id)).catch(ignoreEnded);
    }
    return (await live()).length === 0;
  }

  private buryAnswers(work: RemovalWork): Promise<boolean> {
    const { begunAt, clause } = work.removal;
    return this.removers.inBatches(work, (tx) =>
      markRunsRemoved(tx, { before: begunAt, removal: removalOf(clause, this.clock.now()), limit: REMOVAL_BATCH }),
    );
  }

  private async eraseSuites(work: RemovalWork): Promise<boolean> {
    const { scope, removal } = work;
    const isOver = await this.removers.eraseInBatches(work, {
      find: (tx) => removableSuites(tx, removal.begunAt, REMOVAL_BATCH),
      erase: ({ objectKey }) => this.store.delete(objectKey),
      mark: (tx, ids) => markSuitesRemoved(tx, ids, removalOf(removal.clause, this.clock.now())),
    });
    return isOver && !(await this.database.read(scope, (tx) => areSuitesLeftBefore(tx, removal.begunAt)));
  }
}
