import { Injectable } from '@nestjs/common';
import {
  isFlat,
  lineNanos,
  METERS,
  type Meter,
  type Price,
  type PriceBook,
  PriceService,
  total,
} from '#libs/contracts';
import { type Currency, Fraction } from '#libs/kernel';
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
  /** Of all amounts. */
  currency: Currency;
  /** Of what has a price; rounded once. */
  totalNanos: bigint;
  /** How much of each meter has no price. */
  unpriced: Array<{ meter: Meter; quantity: bigint }>;
}

/**
 * What was used and what it costs: a pure function of usage events, contracts and published rate cards, computed anew each time. Where a
 * price depends on all that a month used of it (tiers, packages), each part gets its share of the month so far, as on an invoice.
 */
@Injectable()
export class UsageSummaryService {
  constructor(private readonly prices: PriceService) {}

  async summarize(tx: Transaction, query: UsageSummaryQuery): Promise<UsageSummary> {
    const organizationId = organizationOf(tx, query);
    assertRange(query);
    const book = await this.prices.bookFor(tx, organizationId);
    const spans = spanBounds(book, query);
    const amounts = await readAmounts(tx, { ...query, organizationId, spans });
    const priced = amounts.map((amount) => ({ amount, price: book.find(amount, amount.pricedAt) }));
    const months = await this.monthsOf(tx, { ...query, organizationId, book, priced });
    const rated = priced.map((one) => ({ ...one, nanos: costOf(one, months) }));
    const groups = Map.groupBy(rated, ({ amount }) => keyOf(amount));
    if (groups.size > LARGEST_NUMBER_OF_ROWS)
      throw USAGE_ERRORS.USAGE_SUMMARY_TOO_LARGE({ maximumRows: LARGEST_NUMBER_OF_ROWS });
    return {
      from: query.from,
      to: query.to,
      rows: [...groups.values()].map(rowOf),
      currency: currencyOf(rated),
      totalNanos: total(rated.flatMap(({ nanos }) => nanos ?? [])),
      unpriced: unpricedOf(rated),
    };
  }

  /** What the whole organization used in the months that are touched, by prices that depend on it. */
  private async monthsOf(
    tx: Transaction,
    { from, to, organizationId, book, priced }: MonthsQuery,
  ): Promise<ReadonlyMap<Price, ReadonlyMap<number, bigint>>> {
    const months = new Map<Price, Map<number, bigint>>();
    if (priced.every(({ price }) => price === null || isFlat(price))) return months;
    const whole = { from: new Date(monthOf(from)), to: new Date(monthAfter(to)) };
    const amounts = await readAmounts(tx, {
      ...whole,
      organizationId,
      groupBy: [],
      isWholeOrganization: true,
      spans: spanBounds(book, whole),
    });
    for (const amount of amounts) {
      const price = book.find(amount, amount.pricedAt);
      if (!price) continue;
      const month = monthOf(amount.pricedAt);
      const quantities = months.get(price) ?? new Map<number, bigint>();
      months.set(price, quantities.set(month, (quantities.get(month) ?? 0n) + amount.quantity));
    }
    return months;
  }
}

/** Of one meter, one group and one span of time in which prices did not change. */
interface Amount {
  meter: Meter;
  familyId: string;
  baseCheckpointId: string;
  method: string | null;
  /** Who pays; the group may not be split by it. */
  projectId: string;
  group: {
    projectId: string | null;
    model: string | null;
    day: string | null;
    kind: UsageKind | null;
    apiKeyId: string | null;
  };
  quantity: bigint;
  events: number;
  /** Any moment of the span. */
  pricedAt: Date;
}

type Priced = { amount: Amount; price: Price | null };
type Rated = Priced & { nanos: Fraction | null };
type MonthsQuery = { from: Date; to: Date; organizationId: string; book: PriceBook; priced: readonly Priced[] };

/** Exact; of a price that depends on the month, the part of the month's line that is in proportion to the quantity. */
function costOf({ amount, price }: Priced, months: ReadonlyMap<Price, ReadonlyMap<number, bigint>>): Fraction | null {
  if (!price) return null;
  if (isFlat(price)) return lineNanos(price, amount.quantity);
  const ofMonth = months.get(price)?.get(monthOf(amount.pricedAt)) ?? amount.quantity;
  return lineNanos(price, ofMonth).mul(new Fraction(amount.quantity, ofMonth));
}

function currencyOf(rated: readonly Rated[]): Currency {
  const currencies = new Set(rated.flatMap(({ price }) => price?.currency ?? []));
  if (currencies.size > 1)
    throw USAGE_ERRORS.USAGE_CURRENCIES_MIXED({ currencies: [...currencies].sort().join(' and ') }, { path: ['from'] });
  const [currency = 'USD'] = currencies;
  return currency;
}

/** Where a span of one price and one month ends and the next begins. */
function spanBounds(book: PriceBook, { from, to }: { from: Date; to: Date }): Date[] {
  const bounds = new Set(book.changes().map((time) => time.getTime()));
  for (let month = monthAfter(from); month < to.getTime(); month = monthAfter(new Date(month))) bounds.add(month);
  return [...bounds].sort((a, b) => a - b).map((time) => new Date(time));
}

/** The first of the month in which a time lies, 00:00 UTC. */
function monthOf(time: Date): number {
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), 1);
}

function monthAfter(time: Date): number {
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 1);
}

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

interface AmountRow {
  meter: Meter;
  family_id: string;
  base_checkpoint_id: string;
  method: string | null;
  paying_project_id: string;
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
  query: UsageSummaryQuery & { organizationId: string; spans: readonly Date[]; isWholeOrganization?: boolean },
): Promise<Amount[]> {
  const column = (dimension: UsageDimension) =>
    query.groupBy.includes(dimension) ? DIMENSION_COLUMNS[dimension] : 'NULL::text';
  const meters = METERS.map((meter) => `('${meter}', e.${meter})`).join(', ');
  // What a month costs in all depends on projects that the caller may not see; of them nothing else is told.
  const isLimited = query.organizationId === tx.scope.organizationId && !query.isWholeOrganization;
  const rows = await tx.query<AmountRow>(
    `SELECT m.meter, e.family_id, e.base_checkpoint_id, e.method, e.project_id AS paying_project_id,
            ${column('project')} AS project_id, ${column('model')} AS model, ${column('day')} AS day,
            ${column('kind')} AS kind, ${column('api_key')} AS api_key_id,
            sum(m.quantity) AS quantity, count(*)::int AS events, min(e.admitted_at) AS priced_at
     FROM usage_events e CROSS JOIN LATERAL (VALUES ${meters}) AS m(meter, quantity)
     WHERE e.organization_id = $1 AND e.admitted_at >= $2 AND e.admitted_at < $3 AND e.state <> 'admitted' AND m.quantity > 0
       AND ($4::text IS NULL OR e.project_id = $4) AND ($5::text[] IS NULL OR e.project_id = ANY($5))
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, width_bucket(e.admitted_at, $6::timestamptz[])
     ORDER BY 8 NULLS FIRST, 6 NULLS FIRST, 7 NULLS FIRST, 9 NULLS FIRST, 10 NULLS FIRST, 1, 2, 3, 4, 5`,
    [
      query.organizationId,
      query.from,
      query.to,
      query.projectId ?? null,
      isLimited ? projectsInScope(tx.scope) : null,
      query.spans,
    ],
  );
  return rows.map((row) => ({
    meter: row.meter,
    familyId: row.family_id,
    baseCheckpointId: row.base_checkpoint_id,
    method: row.method,
    projectId: row.paying_project_id,
    group: {
      projectId: row.project_id,
      model: row.model,
      day: row.day,
      kind: row.kind,
      apiKeyId: row.api_key_id,
    },
    quantity: BigInt(row.quantity),
    events: row.events,
    pricedAt: row.priced_at,
  }));
}

function keyOf({ meter, group: { projectId, model, day, kind, apiKeyId } }: Amount): string {
  return JSON.stringify([meter, projectId, model, day, kind, apiKeyId]);
}

function rowOf(group: readonly Rated[]): UsageSummaryRow {
  const [{ amount }] = group as [Rated];
  const costs = group.flatMap(({ nanos }) => nanos ?? []);
  return {
    meter: amount.meter,
    ...amount.group,
    quantity: group.reduce((sum, { amount: part }) => sum + part.quantity, 0n),
    events: group.reduce((sum, { amount: part }) => sum + part.events, 0),
    costNanos: costs.length === group.length ? total(costs) : null,
  };
}

function unpricedOf(rated: readonly Rated[]): UsageSummary['unpriced'] {
  return METERS.flatMap((meter) => {
    const parts = rated.filter(({ amount, price }) => amount.meter === meter && !price);
    return parts.length ? [{ meter, quantity: parts.reduce((sum, { amount }) => sum + amount.quantity, 0n) }] : [];
  });
}
