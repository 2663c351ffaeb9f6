import { Injectable } from '@nestjs/common';
import { PriceService, total } from '#libs/contracts';
import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type Rated, rateUsage } from './rated-usage.js';
import type { UsageKind } from './usage.state.js';

/** What one partner used, in one way, of what was forked off one base checkpoint, or of that itself. */
export interface ForkPointUsage {
  organizationId: string;
  /** Null for files that are kept. */
  baseCheckpointId: string | null;
  kind: UsageKind;
  /** Requests, fine-tune jobs or evaluation runs; of storage, what was kept on a day. */
  events: number;
  /** Of what has a price, by currency: billionths, rounded once. */
  revenue: ReadonlyArray<{ currency: Currency; nanos: bigint }>;
}

type Span = { from: Date; to: Date };

/** Which fork points are used, by whom, and what it comes to by the prices of each contract. For the lab: a partner sees its own usage alone. */
@Injectable()
export class ForkPointUsageService {
  constructor(private readonly prices: PriceService) {}

  /** Of partners, what was admitted in the span and has ended. */
  async read(tx: Transaction, span: Span): Promise<ForkPointUsage[]> {
    const counted = await countEvents(tx, span);
    const rated: Array<Rated & { organizationId: string }> = [];
    for (const organizationId of new Set(counted.map((one) => one.organizationId))) {
      const book = await this.prices.bookFor(tx, organizationId);
      const ofOne = await rateUsage(tx, book, { ...span, organizationId, groupBy: ['kind'] });
      rated.push(...ofOne.map((one) => ({ ...one, organizationId })));
    }
    const byForkPoint = Map.groupBy(rated, ({ organizationId, amount: { baseCheckpointId, group } }) =>
      keyOf({ organizationId, baseCheckpointId, kind: group.kind! }),
    );
    return counted.map((one) => ({ ...one, revenue: byCurrency(byForkPoint.get(keyOf(one)) ?? []) }));
  }

  /** The base checkpoints that fine-tune jobs and evaluation runs worked on, of those that used anything. */
  async forkPointsOf(tx: Transaction, sourceIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.query<{ source_id: string; base_checkpoint_id: string }>(
      `SELECT source_id, base_checkpoint_id FROM usage_events WHERE kind <> 'inference' AND source_id = ANY ($1)`,
      [sourceIds],
    );
    return new Map(rows.map((row) => [row.source_id, row.base_checkpoint_id]));
  }
}

type Key = Pick<ForkPointUsage, 'organizationId' | 'baseCheckpointId' | 'kind'>;

function keyOf({ organizationId, baseCheckpointId, kind }: Key): string {
  return JSON.stringify([organizationId, baseCheckpointId, kind]);
}

function byCurrency(rated: readonly Rated[]): ForkPointUsage['revenue'] {
  const priced = rated.filter(({ price }) => price !== null);
  return [...Map.groupBy(priced, ({ price }) => price!.currency)].map(([currency, group]) => ({
    currency,
    nanos: total(group.flatMap(({ nanos }) => nanos ?? [])),
  }));
}

async function countEvents(tx: Transaction, { from, to }: Span): Promise<Array<Omit<ForkPointUsage, 'revenue'>>> {
  const rows = await tx.query<{
    organization_id: string;
    base_checkpoint_id: string | null;
    kind: UsageKind;
    events: number;
  }>(
    `SELECT e.organization_id, e.base_checkpoint_id, e.kind, count(*)::int AS events
     FROM usage_events e JOIN organizations o ON o.id = e.organization_id AND o.kind = 'partner'
     WHERE e.admitted_at >= $1 AND e.admitted_at < $2 AND e.state <> 'admitted'
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [from, to],
  );
  return rows.map((row) => ({
    organizationId: row.organization_id,
    baseCheckpointId: row.base_checkpoint_id,
    kind: row.kind,
    events: row.events,
  }));
}
