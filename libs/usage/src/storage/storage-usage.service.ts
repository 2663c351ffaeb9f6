import { Inject, Injectable } from '@nestjs/common';
import { PriceService } from '#libs/contracts';
import { CLOCK, type Clock, DAY_MILLISECONDS, dayOf, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { StorageSources, type StorageSpan, type StoredContent } from './stored-content.js';

const HOUR_MILLISECONDS = 3_600_000n;

/** How many days are counted in one transaction. */
const MOST_DAYS = 31;

/**
 * Counts what an organization kept, in byte-hours, as usage like any other: of each day that is over, once, from when things came and
 * went. A day is cut where prices change, so that each part has the price of its time. Nobody waits for it, and a day that is counted
 * late comes out as it would have been.
 */
@Injectable()
export class StorageUsageService {
  constructor(
    private readonly prices: PriceService,
    private readonly sources: StorageSources,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** False once all days that are over have been counted; `since` is when the organization came to be. */
  async countDays(tx: Transaction, since: Date): Promise<boolean> {
    const today = dayOf(this.clock.now());
    const from = await lockMeteredUntil(tx, dayOf(since));
    const until = new Date(Math.min(today.getTime(), from.getTime() + MOST_DAYS * DAY_MILLISECONDS));
    if (from >= until) return false;
    const changes = (await this.prices.bookFor(tx)).changes();
    for (const span of spansBetween(from, until, changes)) await this.record(tx, span);
    await tx.query('UPDATE storage_meterings SET metered_until = $1 WHERE organization_id = :organization', [until]);
    return until < today;
  }

  private async record(tx: Transaction, span: StorageSpan): Promise<void> {
    const stored = (await this.sources.storedIn(tx, span)).filter((content) => byteHoursOf(content) > 0n);
    if (stored.length === 0) return;
    const rows = stored.map((content) => ({
      id: newId('use'),
      project_id: content.projectId,
      source_id: `${content.subjectId}@${span.from.toISOString()}`,
      model: content.variant?.name ?? null,
      checkpoint_id: content.variant?.checkpointId ?? null,
      base_checkpoint_id: content.variant?.baseCheckpointId ?? null,
      family_id: content.variant?.familyId ?? null,
      stored_byte_hours: byteHoursOf(content).toString(),
    }));
    await tx.query(
      `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, end_reason, model, checkpoint_id,
                                 base_checkpoint_id, family_id, stored_byte_hours, admitted_at, ended_at)
       SELECT r.id, :organization, r.project_id, 'storage', r.source_id, 'settled', 'completed', r.model, r.checkpoint_id,
              r.base_checkpoint_id, r.family_id, r.stored_byte_hours, $2, $3
       FROM jsonb_to_recordset($1::jsonb) AS r(id text, project_id text, source_id text, model text, checkpoint_id text,
         base_checkpoint_id text, family_id text, stored_byte_hours bigint)`,
      [JSON.stringify(rows), span.from, span.to],
    );
  }
}

/** Until when it has been counted; nobody else counts it until the transaction ends. */
async function lockMeteredUntil(tx: Transaction, first: Date): Promise<Date> {
  await tx.query(
    `INSERT INTO storage_meterings (organization_id, metered_until) VALUES (:organization, $1)
     ON CONFLICT (organization_id) DO NOTHING`,
    [first],
  );
  const row = await tx.one<{ metered_until: Date }>(
    'SELECT metered_until FROM storage_meterings WHERE organization_id = :organization FOR UPDATE',
  );
  return row!.metered_until;
}

/** The days, each in as many parts as there are prices in it. */
export function spansBetween(from: Date, until: Date, changes: readonly Date[]): StorageSpan[] {
  const bounds = new Set(changes.map((time) => time.getTime()).filter((time) => from.getTime() < time));
  for (let day = from.getTime(); day <= until.getTime(); day += DAY_MILLISECONDS) bounds.add(day);
  const times = [...bounds].filter((time) => time <= until.getTime()).sort((left, right) => left - right);
  return times.slice(1).map((to, index) => ({ from: new Date(times[index]!), to: new Date(to) }));
}

/** Whole ones: of each part less than one is left out. */
function byteHoursOf({ byteMilliseconds }: StoredContent): bigint {
  return byteMilliseconds / HOUR_MILLISECONDS;
}
