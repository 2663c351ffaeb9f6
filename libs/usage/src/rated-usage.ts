import { isFlat, lineNanos, type Price, type PriceBook } from '#libs/contracts';
import { Fraction, type Meter, monthAfter, monthOf } from '#libs/kernel';
import { projectsInScope, type Transaction } from '#platform/database';
import type { UsageKind } from './usage.state.js';

/** What usage may be split by; a meter is always one, since each has its own price. */
export const USAGE_DIMENSIONS = ['project', 'model', 'day', 'kind', 'api_key', 'job'] as const;
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

/** Which of an organization's ended usage. */
export interface RatedUsageQuery {
  organizationId: string;
  /** Inclusive, by the time of admission. */
  from: Date;
  /** Exclusive. */
  to: Date;
  projectId?: string | null;
  kind?: UsageKind;
  groupBy: readonly UsageDimension[];
  /** Also of projects that the caller may not see: of them no more may be told than what all come to. */
  isWholeOrganization?: boolean;
  /** Only what became final on record after the one time and not after the other. */
  finalAfter?: Date | null;
  finalUntil?: Date | null;
}

/** Of one meter, one group and one span of time in which prices did not change and no month ended. */
export interface Amount {
  meter: Meter;
  /** Null for what is of no model. */
  familyId: string | null;
  baseCheckpointId: string | null;
  method: string | null;
  listingId: string | null;
  /** Who pays; the group may not be split by it. */
  projectId: string;
  group: {
    projectId: string | null;
    model: string | null;
    day: string | null;
    kind: UsageKind | null;
    apiKeyId: string | null;
    /** The fine-tune job or evaluation run; null for what is of none. */
    jobId: string | null;
  };
  quantity: bigint;
  events: number;
  /** Any moment of the span. */
  pricedAt: Date;
}

type Priced = { amount: Amount; price: Price | null };
/** Exact; null for what has no price. */
export type Rated = Priced & { nanos: Fraction | null };

/** What usage costs. Where a price depends on what a month used of it (tiers, packages), each part gets its share of the month so far. */
export async function rateUsage(tx: Transaction, book: PriceBook, query: RatedUsageQuery): Promise<Rated[]> {
  const amounts = await readAmounts(tx, book, query);
  const priced = amounts.map((amount) => ({ amount, price: book.find(amount, amount.pricedAt) }));
  const months = await monthsOf(tx, book, query.organizationId, priced);
  return priced.map((one) => ({ ...one, nanos: costOf(one, months) }));
}

/** What the whole organization used in the months that are touched, by prices that depend on it. */
async function monthsOf(
  tx: Transaction,
  book: PriceBook,
  organizationId: string,
  priced: readonly Priced[],
): Promise<ReadonlyMap<Price, ReadonlyMap<number, bigint>>> {
  const months = new Map<Price, Map<number, bigint>>();
  const times = priced.flatMap(({ price, amount }) => (price && !isFlat(price) ? amount.pricedAt.getTime() : []));
  if (times.length === 0) return months;
  const [first, last] = times.reduce(([low, high], time) => [Math.min(low, time), Math.max(high, time)], [
    Number.POSITIVE_INFINITY,
    0,
  ] as [number, number]);
  const whole = { from: new Date(monthOf(first)), to: new Date(monthAfter(last)) };
  const query = { ...whole, organizationId, groupBy: [], isWholeOrganization: true };
  for (const amount of await readAmounts(tx, book, query)) {
    const price = book.find(amount, amount.pricedAt);
    if (!price) continue;
    const month = monthOf(amount.pricedAt);
    const quantities = months.get(price) ?? new Map<number, bigint>();
    months.set(price, quantities.set(month, (quantities.get(month) ?? 0n) + amount.quantity));
  }
  return months;
}

/** Exact; of a price that depends on the month, the part of the month's line that is in proportion to the quantity. */
function costOf({ amount, price }: Priced, months: ReadonlyMap<Price, ReadonlyMap<number, bigint>>): Fraction | null {
  if (!price) return null;
  if (isFlat(price)) return lineNanos(price, amount.quantity);
  const ofMonth = months.get(price)?.get(monthOf(amount.pricedAt)) ?? amount.quantity;
  return lineNanos(price, ofMonth).mul(new Fraction(amount.quantity, ofMonth));
}

/** Where a span of one price and one month ends and the next begins. */
function spanBounds(book: PriceBook, { from, to }: { from: Date; to: Date }): Date[] {
  const bounds = new Set(book.changes().map((time) => time.getTime()));
  for (let month = monthAfter(from); month < to.getTime(); month = monthAfter(month)) bounds.add(month);
  return [...bounds].sort((a, b) => a - b).map((time) => new Date(time));
}

interface AmountRow {
  meter: Meter;
  family_id: string | null;
  base_checkpoint_id: string | null;
  method: string | null;
  listing_id: string | null;
  paying_project_id: string;
  project_id: string | null;
  model: string | null;
  day: string | null;
  kind: UsageKind | null;
  api_key_id: string | null;
  job_id: string | null;
  quantity: string;
  cached: string;
  events: number;
  cached_events: number;
  priced_at: Date;
}

const DIMENSION_COLUMNS: Record<UsageDimension, string> = {
  project: 'e.project_id',
  model: 'e.model',
  day: `to_char(e.admitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  kind: 'e.kind',
  api_key: 'e.api_key_id',
  job: `CASE WHEN e.kind IN ('training', 'evaluation') THEN e.source_id END`,
};

/** Where each meter is counted. Of prompts the row has all tokens, and how many of them were cached. */
const COUNTED: ReadonlyArray<readonly [meter: Meter, quantity: string, cached: string]> = [
  ['training_tokens', 'e.training_tokens', '0'],
  ['input_tokens', 'e.input_tokens', 'e.cached_input_tokens'],
  ['output_tokens', 'e.output_tokens', '0'],
  ['evaluation_tokens', 'e.evaluation_tokens', '0'],
  ['stored_byte_hours', 'e.stored_byte_hours', '0'],
];

/** What is billed: as on an invoice, what of a prompt was cached is apart only where it has a price of its own, and storage counts only where it has one. */
async function readAmounts(tx: Transaction, book: PriceBook, query: RatedUsageQuery): Promise<Amount[]> {
  const amounts = await readCounted(tx, query, spanBounds(book, query));
  return amounts.flatMap(({ cached, ...amount }) => {
    const hasPrice = (meter: Meter) => book.find({ ...amount, meter }, amount.pricedAt) !== null;
    if (amount.meter === 'stored_byte_hours') return hasPrice('stored_byte_hours') ? [amount] : [];
    if (cached.quantity === 0n || !hasPrice('cached_input_tokens')) return [amount];
    const fresh = { ...amount, quantity: amount.quantity - cached.quantity };
    return [...(fresh.quantity > 0n ? [fresh] : []), { ...amount, ...cached, meter: 'cached_input_tokens' as const }];
  });
}

type Counted = Amount & { cached: Pick<Amount, 'quantity' | 'events'> };

async function readCounted(tx: Transaction, query: RatedUsageQuery, spans: readonly Date[]): Promise<Counted[]> {
  const column = (dimension: UsageDimension) =>
    query.groupBy.includes(dimension) ? DIMENSION_COLUMNS[dimension] : 'NULL::text';
  const meters = COUNTED.map(([meter, quantity, cached]) => `('${meter}', ${quantity}, ${cached})`).join(', ');
  const isLimited = query.organizationId === tx.scope.organizationId && !query.isWholeOrganization;
  const rows = await tx.query<AmountRow>(
    `SELECT m.meter, e.family_id, e.base_checkpoint_id, e.method, e.project_id AS paying_project_id,
            ${column('project')} AS project_id, ${column('model')} AS model, ${column('day')} AS day,
            ${column('kind')} AS kind, ${column('api_key')} AS api_key_id, ${column('job')} AS job_id, e.listing_id,
            sum(m.quantity) AS quantity, sum(m.cached) AS cached, count(*)::int AS events,
            count(*) FILTER (WHERE m.cached > 0)::int AS cached_events, min(e.admitted_at) AS priced_at
     FROM usage_events e CROSS JOIN LATERAL (VALUES ${meters}) AS m(meter, quantity, cached)
     WHERE e.organization_id = $1 AND e.admitted_at >= $2 AND e.admitted_at < $3 AND e.state <> 'admitted' AND m.quantity > 0
       AND ($4::text IS NULL OR e.project_id = $4) AND ($5::text[] IS NULL OR e.project_id = ANY($5))
       AND ($7::text IS NULL OR e.kind = $7)
       AND ($8::timestamptz IS NULL OR e.final_at > $8) AND ($9::timestamptz IS NULL OR e.final_at <= $9)
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, e.listing_id, width_bucket(e.admitted_at, $6::timestamptz[])
     ORDER BY 8 NULLS FIRST, 6 NULLS FIRST, 7 NULLS FIRST, 9 NULLS FIRST, 10 NULLS FIRST, 11 NULLS FIRST, 1, 2, 3, 4, 5,
              e.listing_id NULLS FIRST`,
    [
      query.organizationId,
      query.from,
      query.to,
      query.projectId ?? null,
      isLimited ? projectsInScope(tx.scope) : null,
      spans,
      query.kind ?? null,
      query.finalAfter ?? null,
      query.finalUntil ?? null,
    ],
  );
  return rows.map((row) => ({
    meter: row.meter,
    familyId: row.family_id,
    baseCheckpointId: row.base_checkpoint_id,
    method: row.method,
    listingId: row.listing_id,
    projectId: row.paying_project_id,
    group: {
      projectId: row.project_id,
      model: row.model,
      day: row.day,
      kind: row.kind,
      apiKeyId: row.api_key_id,
      jobId: row.job_id,
    },
    quantity: BigInt(row.quantity),
    cached: { quantity: BigInt(row.cached), events: row.cached_events },
    events: row.events,
    pricedAt: row.priced_at,
  }));
}
