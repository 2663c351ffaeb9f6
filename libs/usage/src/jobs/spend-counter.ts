import { Inject, Injectable, Logger } from '@nestjs/common';
import { SpendCapKeeper, SpendCapStops, SpendLeaseService } from '#libs/contracts';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Scope, systemScope, type Transaction } from '#platform/database';
import { Every } from '#platform/queue';
import { isFinalUntil, lastFinalAfter, nextFinalAfter } from '../ended-usage.js';

/** What the last cap of an organization stopped has to be lifted, by one of the runs in the day after. */
const REMEMBERED_MILLISECONDS = 24 * 60 * 60_000;

/**
 * Brings what inference cost into the windows of spend caps, of all organizations that have any. Jobs are counted as they end; requests
 * are too many for that, and are counted together soon after. Then who has nothing left is stopped.
 */
@Injectable()
export class SpendCounter {
  private readonly logger = new Logger(SpendCounter.name);

  constructor(
    private readonly database: Database,
    private readonly keeper: SpendCapKeeper,
    private readonly leases: SpendLeaseService,
    private readonly stops: SpendCapStops,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('10s', 'usage.spend-counter')
  async run(signal?: AbortSignal): Promise<void> {
    for (const organizationId of await this.cappedOrganizations()) {
      if (signal?.aborted) return;
      // One organization whose usage can't be priced must not keep the others from being counted.
      await this.count(organizationId).catch((error) => this.logger.error(error, `spending of ${organizationId}`));
    }
  }

  /** Windows are opened too, those of the lab's caps that nothing has been spent against. */
  async count(organizationId: string): Promise<void> {
    const scope = systemScope('spend-counter', organizationId);
    await this.database.transaction(scope, (tx) => this.keeper.openAll(tx));
    await this.countNew(scope);
    await this.database.transaction(scope, (tx) => this.releaseLeases(tx));
    await this.database.transaction(scope, (tx) => this.stops.follow(tx));
  }

  private async countNew(scope: Scope): Promise<void> {
    const until = await this.database.read(scope, async (tx) =>
      lastFinalAfter(tx, await this.keeper.inferenceCountedUntil(tx)),
    );
    if (!until) return;
    // What is becoming final beside it waits for the next time.
    if (!(await this.database.transaction(scope, (tx) => isFinalUntil(tx, until)))) return;
    await this.database.transaction(scope, (tx) => this.keeper.countInference(tx, until));
  }

  /**
   * Those whose calls are counted, all of them: they were final before their lease was closed, and nothing that was final by then is
   * still to be counted. The leases are read first, so that what is looked for afterwards is there.
   */
  private async releaseLeases(tx: Transaction): Promise<void> {
    const closed = await this.leases.closed(tx);
    if (closed.length === 0) return;
    const uncounted = await nextFinalAfter(tx, await this.keeper.inferenceCountedUntil(tx));
    for (const lease of closed) {
      if (!uncounted || lease.closedAt < uncounted) await this.leases.release(tx, lease);
    }
  }

  private async cappedOrganizations(): Promise<string[]> {
    const rows = await this.database.as('reconciler', (tx) =>
      tx.query<{ id: string }>(
        `SELECT DISTINCT organization_id AS id FROM spend_caps WHERE ended_at IS NULL OR ended_at > $1 ORDER BY organization_id`,
        [new Date(this.clock.now().getTime() - REMEMBERED_MILLISECONDS)],
      ),
    );
    return rows.map(({ id }) => id);
  }
}
