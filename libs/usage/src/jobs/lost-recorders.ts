import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { Every } from '#platform/queue';

/** Four heartbeats missed. */
const SUSPECT_MILLISECONDS = 20_000;
/**
 * After an outage of PostgreSQL every heartbeat is old: a recorder is gone only if it stays silent for so long while the
 * database, as this very run shows, answers.
 */
const LOST_MILLISECONDS = 20_000;
/** After a lease expired, until what was admitted under it is surely on record, and clocks agree that it has expired. */
const LATE_MILLISECONDS = 10_000;
const FORGET_MILLISECONDS = 24 * 60 * 60_000;

/** Ends the requests of gateways that died: billed for what was last counted as delivered, and marked as cut. */
@Injectable()
export class LostRecorders {
  private readonly logger = new Logger(LostRecorders.name);

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('5s', 'usage.lost-recorders')
  async run(_signal: AbortSignal): Promise<void> {
    const count = await this.endTheirRequests();
    if (count > 0) this.logger.warn(`ended ${count} requests of a gateway that died`);
    await this.closeTheirLeases();
  }

  /** Gives how many. The columns that it may write are these alone, so it needs no scope of each organization. */
  async endTheirRequests(): Promise<number> {
    const now = this.clock.now();
    const before = (milliseconds: number) => new Date(now.getTime() - milliseconds);
    return this.database.as('reconciler', async (tx) => {
      await tx.query(`UPDATE usage_recorders SET suspected_at = $1 WHERE suspected_at IS NULL AND heartbeat_at < $2`, [
        now,
        before(SUSPECT_MILLISECONDS),
      ]);
      const ended = await tx.query<{ id: string }>(
        `UPDATE usage_events e SET state = 'cut', end_reason = 'recorder_lost', ended_at = $1
         WHERE e.state = 'admitted' AND NOT EXISTS (
           SELECT 1 FROM usage_recorders r
           WHERE r.id = e.recorder_id AND (r.suspected_at IS NULL OR r.suspected_at > $2))
         RETURNING e.id`,
        [now, before(LOST_MILLISECONDS)],
      );
      await tx.query('DELETE FROM usage_recorders WHERE suspected_at < $1', [before(FORGET_MILLISECONDS)]);
      return ended.length;
    });
  }

  /**
   * Closes leases from spend caps whose gateway did not: it died, or never heard that it has them. They expired, their gateway is gone
   * or has written what it knew since, and none of its calls that they can have let in is still under way.
   */
  async closeTheirLeases(): Promise<void> {
    const now = this.clock.now().getTime();
    await this.database.as('reconciler', (tx) =>
      tx.query(
        `UPDATE spend_leases l SET closed_at = clock_timestamp()
         WHERE l.closed_at IS NULL AND l.expires_at < $1
           AND NOT EXISTS (
             SELECT 1 FROM usage_recorders r WHERE r.id = l.recorder_id AND r.heartbeat_at < l.expires_at + $2::interval
               AND (r.suspected_at IS NULL OR r.suspected_at > $3))
           AND NOT EXISTS (
             SELECT 1 FROM usage_events e WHERE e.recorder_id = l.recorder_id AND e.state = 'admitted'
               AND e.organization_id = l.organization_id AND e.admitted_at < l.expires_at)`,
        [new Date(now - LATE_MILLISECONDS), `${LATE_MILLISECONDS} ms`, new Date(now - LOST_MILLISECONDS)],
      ),
    );
  }
}
