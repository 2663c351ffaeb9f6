import { Injectable } from '@nestjs/common';
import { METERS, type Meter, type RateCard, RateService, type Rating, rate, total } from '#libs/contracts';
import { projectsInScope, type Transaction } from '#platform/database';
import { USAGE_ERRORS } from './usage.errors.js';
import type { UsageKind } from './usage.state.js';

const LONGEST_RANGE_DAYS = 366;
const LARGEST_NUMBER_OF_ROWS = 2_000;
const MILLISECONDS_PER_DAY = 86_400_000;

/** What a summary may be split by; a meter is always one, since each has its own price. */
export const USAGE_DIMENSIONS = ['project', 'model', 'day', 'kind', 'api_key'] as const;
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

export interface UsageSummaryQuery {
  /** Inclusive, by the time of admission. */
  from: Date;
  /** Exclusive. */
  to: Date;
  /** Another organization than the scope's, for the lab. */
  organizationId?: string | null;
  projectId?: string | null;
  groupBy: readonly UsageDimension[];
}

export interface UsageSummaryRow {
  meter: Meter;
  projectId: string | null;
  model: string | null;
  /** UTC, YYYY-MM-DD. */
  day: string | null;
  kind: UsageKind | null;
  apiKeyId: string | null;
  quantity: bigint;
  /** Requests and jobs that used this meter. */
  events: number;
  /** Rounded once; null where part of it has no price. */
  costNanos: bigint | null;
}

export interface UsageSummary {
  from: Date;
  to: Date;
  rows: UsageSummaryRow[];
  /** Of what has a price; rounded once. */
  totalNanos: bigint;
  /** How much of each meter has no price. */
  unpriced: Array<{ meter: Meter; quantity: bigint }>;
}

/** What was used and what it costs: a pure function of usage events and published rate cards, computed anew each time. */
@Injectable()
export class UsageSummaryService {
  constructor(private readonly rates: RateService) {}

  async summarize(tx: Transaction, query: UsageSummaryQuery): Promise<UsageSummary> {
    const organizationId = organizationOf(tx, query);
    assertRange(query);
    const cards = await this.rates.cardsFor(tx, organizationId);
    const amounts = await readAmounts(tx, { ...query, organizationId, priceChanges: priceChangesIn(cards) });
    const rated = amounts.map((amount) => ({
      amount,
      rating: rate(cards, { ...amount, organizationId }, amount.pricedAt),
    }));
    const groups = Map.groupBy(rated, ({ amount }) => keyOf(amount));
    if (groups.size > LARGEST_NUMBER_OF_ROWS)
      throw USAGE_ERRORS.USAGE_SUMMARY_TOO_LARGE({ maximumRows: LARGEST_NUMBER_OF_ROWS });
    const priced = rated.flatMap(({ rating }) => rating ?? []);
    const rows = [...groups.values()].map(rowOf);
    return { from: query.from, to: query.to, rows, totalNanos: total(priced), unpriced: unpricedOf(rated) };
  }
}

/** Of one meter, one group and one span of time in which prices did not change. */
interface Amount {
  meter: Meter;
  familyId: string;
  baseCheckpointId: string;
  projectId: string | null;
  model: string | null;
  day: string | null;
  kind: UsageKind | null;
  apiKeyId: string | null;
  quantity: bigint;
  events: number;
  /** Any moment of the span. */
  pricedAt: Date;
}

type Rated = { amount: Amount; rating: Rating | null };

function organizationOf(tx: Transaction, { organizationId }: UsageSummaryQuery): string {
  const own = tx.scope.organizationId;
  if (!organizationId || organizationId === own) return own;
  if (tx.scope.kind !== 'lab') throw USAGE_ERRORS.USAGE_OF_OTHER_ORGANIZATION({ path: ['organizationId'] });
  return organizationId;
}

function assertRange({ from, to }: UsageSummaryQuery): void {
  const days = (to.getTime() - from.getTime()) / MILLISECONDS_PER_DAY;
  if (days > 0 && days <= LONGEST_RANGE_DAYS) return;
  throw USAGE_ERRORS.USAGE_RANGE_INVALID({ maximumDays: LONGEST_RANGE_DAYS }, { path: ['to'] });
}

function priceChangesIn(cards: readonly RateCard[]): Date[] {
  const times = new Set(cards.map((card) => card.effectiveFrom.getTime()));
  return [...times].sort((a, b) => a - b).map((time) => new Date(time));
}

interface AmountRow {
  meter: Meter;
  family_id: string;
  base_checkpoint_id: string;
  project_id: string | null;
  model: string | null;
  day: string | null;
  kind: UsageKind | null;
  api_key_id: string | null;
  quantity: string;
  events: number;
  priced_at: Date;
}

const DIMENSION_COLUMNS: Record<UsageDimension, string> = {
  project: 'e.project_id',
  model: 'e.model',
  day: `to_char(e.admitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  kind: 'e.kind',
  api_key: 'e.api_key_id',
};

async function readAmounts(
  tx: Transaction,
  query: UsageSummaryQuery & { organizationId: string; priceChanges: readonly Date[] },
): Promise<Amount[]> {
  const column = (dimension: UsageDimension) =>
    query.groupBy.includes(dimension) ? DIMENSION_COLUMNS[dimension] : 'NULL::text';
  const meters = METERS.map((meter) => `('${meter}', e.${meter})`).join(', ');
  const isOwn = query.organizationId === tx.scope.organizationId;
  const rows = await tx.query<AmountRow>(
    `SELECT m.meter, e.family_id, e.base_checkpoint_id, ${column('project')} AS project_id, ${column('model')} AS model,
            ${column('day')} AS day, ${column('kind')} AS kind, ${column('api_key')} AS api_key_id,
            sum(m.quantity) AS quantity, count(*)::int AS events, min(e.admitted_at) AS priced_at
     FROM usage_events e CROSS JOIN LATERAL (VALUES ${meters}) AS m(meter, quantity)
     WHERE e.organization_id = $1 AND e.admitted_at >= $2 AND e.admitted_at < $3 AND e.state <> 'admitted' AND m.quantity > 0
       AND ($4::text IS NULL OR e.project_id = $4) AND ($5::text[] IS NULL OR e.project_id = ANY($5))
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, width_bucket(e.admitted_at, $6::timestamptz[])
     ORDER BY 6 NULLS FIRST, 4 NULLS FIRST, 5 NULLS FIRST, 7 NULLS FIRST, 8 NULLS FIRST, 1, 2, 3`,
    [
      query.organizationId,
      query.from,
      query.to,
      query.projectId ?? null,
      isOwn ? projectsInScope(tx.scope) : null,
      query.priceChanges,
    ],
  );
  return rows.map((row) => ({
    meter: row.meter,
    familyId: row.family_id,
    baseCheckpointId: row.base_checkpoint_id,
    projectId: row.project_id,
    model: row.model,
    day: row.day,
    kind: row.kind,
    apiKeyId: row.api_key_id,
    quantity: BigInt(row.quantity),
    events: row.events,
    pricedAt: row.priced_at,
  }));
}

function keyOf({ meter, projectId, model, day, kind, apiKeyId }: Amount): string {
  return JSON.stringify([meter, projectId, model, day, kind, apiKeyId]);
}

function rowOf(group: readonly Rated[]): UsageSummaryRow {
  const [{ amount }] = group as [Rated];
  const { meter, projectId, model, day, kind, apiKeyId } = amount;
  const priced = group.flatMap(({ rating }) => rating ?? []);
  return {
    meter,
    projectId,
    model,
    day,
    kind,
    apiKeyId,
    quantity: group.reduce((sum, { amount: part }) => sum + part.quantity, 0n),
    events: group.reduce((sum, { amount: part }) => sum + part.events, 0),
    costNanos: priced.length === group.length ? total(priced) : null,
  };
}

function unpricedOf(rated: readonly Rated[]): UsageSummary['unpriced'] {
  return METERS.flatMap((meter) => {
    const parts = rated.filter(({ amount, rating }) => amount.meter === meter && !rating);
    return parts.length ? [{ meter, quantity: parts.reduce((sum, { amount }) => sum + amount.quantity, 0n) }] : [];
  });
}
