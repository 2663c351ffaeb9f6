import { Injectable } from '@nestjs/common';
import { PriceService, total } from '#libs/contracts';
import { type Currency, METERS, type Meter } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type Amount, type Rated, rateUsage, type UsageDimension } from './rated-usage.js';
import { USAGE_ERRORS } from './usage.errors.js';
import type { UsageKind } from './usage.state.js';
import { assertUsageRange } from './usage-range.js';

const LARGEST_NUMBER_OF_ROWS = 2_000;

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
  /** The fine-tune job or evaluation run; null for what is of none. */
  jobId: string | null;
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
    assertUsageRange(query);
    const book = await this.prices.bookFor(tx, organizationId);
    const rated = await rateUsage(tx, book, { ...query, organizationId });
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
}

function currencyOf(rated: readonly Rated[]): Currency {
  const currencies = new Set(rated.flatMap(({ price }) => price?.currency ?? []));
  if (currencies.size > 1)
    throw USAGE_ERRORS.USAGE_CURRENCIES_MIXED({ currencies: [...currencies].sort().join(' and ') }, { path: ['from'] });
  const [currency = 'USD'] = currencies;
  return currency;
}

function organizationOf(tx: Transaction, { organizationId }: UsageSummaryQuery): string {
  const own = tx.scope.organizationId;
  if (!organizationId || organizationId === own) return own;
  if (tx.scope.kind !== 'lab') throw USAGE_ERRORS.USAGE_OF_OTHER_ORGANIZATION({ path: ['organizationId'] });
  return organizationId;
}

function keyOf({ meter, group: { projectId, model, day, kind, apiKeyId, jobId } }: Amount): string {
  return JSON.stringify([meter, projectId, model, day, kind, apiKeyId, jobId]);
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
