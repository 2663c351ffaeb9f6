import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock, dayOf } from '#libs/kernel';
import { Database, systemScope } from '#platform/database';
import { Every } from '#platform/queue';
import { StorageUsageService } from '../storage/storage-usage.service.js';

/** Counts what partners kept on each day, soon after the day (UTC) is over. */
@Injectable()
export class StorageMeter {
  private readonly logger = new Logger(StorageMeter.name);

  constructor(
    private readonly database: Database,
    private readonly storage: StorageUsageService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('5m', 'usage.storage-meter')
  async run(signal?: AbortSignal): Promise<void> {
    for (const { id, createdAt } of await this.uncounted()) {
      if (signal?.aborted) return;
      // One organization whose storage can't be counted must not keep the others from it.
      await this.count(id, createdAt, signal).catch((error) => this.logger.error(error, `storage of ${id}`));
    }
  }

  private async count(organizationId: string, createdAt: Date, signal?: AbortSignal): Promise<void> {
    const scope = systemScope('storage-meter', organizationId);
    let isMore = true;
    while (isMore && !signal?.aborted)
      isMore = await this.database.transaction(scope, (tx) => this.storage.countDays(tx, createdAt));
  }

  private async uncounted(): Promise<Array<{ id: string; createdAt: Date }>> {
    const today = dayOf(this.clock.now());
    return this.database.as('reconciler', (tx) =>
      tx.query(
        `SELECT o.id, o.created_at AS "createdAt" FROM organizations o LEFT JOIN storage_meterings m ON m.organization_id = o.id
         WHERE o.kind = 'partner' AND coalesce(m.metered_until, date_trunc('day', o.created_at, 'UTC')) < $1 ORDER BY o.id`,
        [today],
      ),
    );
  }
}
