import { Inject, Injectable } from '@nestjs/common';
import { daysAfter, RetentionService, removalOf } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, systemScope, type Transaction } from '#platform/database';
import { Every } from '#platform/queue';
import { uploadsCompleteBy } from '../dataset.repository.js';
import { DatasetsService } from '../datasets.service.js';

const BATCH = 200;

/** Deletes what was uploaded as many days ago as a partner's contract keeps files: by the clause in force now, whatever it was when a file came. */
@Injectable()
export class RetentionSweeper {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly datasets: DatasetsService,
    private readonly retention: RetentionService,
  ) {}

  @Every('10m', 'datasets.retention')
  async sweep(signal?: AbortSignal): Promise<void> {
    for (const organizationId of await this.concerned()) {
      const scope = systemScope('datasets.retention', organizationId);
      let isMore = true;
      while (isMore && !signal?.aborted) isMore = await this.database.transaction(scope, (tx) => this.removeBatch(tx));
    }
  }

  /** False once nothing is due that could go. What something reads goes at a later turn. */
  private async removeBatch(tx: Transaction): Promise<boolean> {
    const { uploads: clause } = await this.retention.terms(tx);
    if (!clause) return false;
    const now = this.clock.now();
    const removed: string[] = [];
    for (const id of await uploadsCompleteBy(tx, daysAfter(now, -clause.days), BATCH)) {
      if (await this.datasets.removeVersion(tx, id, removalOf(clause, now))) removed.push(id);
    }
    if (removed.length > 0) await this.retention.record(tx, clause, removed);
    return removed.length > 0;
  }

  /** Partners with a contract in force of which some version says for how long files are kept. */
  private async concerned(): Promise<string[]> {
    const rows = await this.database.as('reconciler', (tx) =>
      tx.query<{ id: string }>(
        `SELECT DISTINCT c.organization_id AS id FROM contracts c JOIN contract_versions v ON v.contract_id = c.id
         WHERE c.state = 'in_force' AND c.ends_at > $1 AND v.state = 'accepted' AND v.retention ->> 'uploadDays' IS NOT NULL
         ORDER BY id`,
        [this.clock.now()],
      ),
    );
    return rows.map(({ id }) => id);
  }
}
