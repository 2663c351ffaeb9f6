import { DAY_MILLISECONDS } from '../../format';
import { isTokens, METERS, type Meter } from '../../terms';
import type { Split } from './choices';
import type { UsageRow } from './documents';

/** All that one model, key, project or kind used. */
export interface UsageGroup {
  /** What it is split by: a model's name, an id, a kind; empty where there is none, as jobs have no key. */
  key: string;
  /** By what was counted. */
  quantities: Record<Meter, bigint>;
  totalTokens: bigint;
  /** Requests, jobs and days of storage. */
  events: number;
  costNanos: bigint;
  /** Whether a part of it has no price, so that the cost is not all of it. */
  unpriced: boolean;
}

/** A day of a group, for the chart. */
export interface DayOfGroup {
  tokens: bigint;
  costNanos: bigint;
}

export interface Usage {
  /** What cost most first, then what used most. */
  groups: UsageGroup[];
  /** By group, then by day (YYYY-MM-DD, UTC). */
  days: ReadonlyMap<string, ReadonlyMap<string, DayOfGroup>>;
}

export function summarize(rows: readonly UsageRow[], split: Split): Usage {
  const groups = new Map<string, UsageGroup>();
  const days = new Map<string, Map<string, DayOfGroup>>();
  const eventsOfMeter = new Map<string, Map<Meter, number>>();
  for (const row of rows) {
    const key = keyOf(row, split);
    const quantity = BigInt(row.quantity);
    const tokens = isTokens(row.meter) ? quantity : 0n;
    const costNanos = BigInt(row.cost?.nanos ?? 0);
    const group = groups.get(key) ?? emptyGroup(key);
    groups.set(key, group);
    group.quantities[row.meter] += quantity;
    group.totalTokens += tokens;
    group.costNanos += costNanos;
    group.unpriced ||= row.cost === null;
    const ofMeter = eventsOfMeter.get(key) ?? new Map<Meter, number>();
    eventsOfMeter.set(key, ofMeter.set(row.meter, (ofMeter.get(row.meter) ?? 0) + row.events));
    const ofGroup = days.get(key) ?? new Map<string, DayOfGroup>();
    const before = ofGroup.get(row.day ?? '') ?? { tokens: 0n, costNanos: 0n };
    days.set(
      key,
      ofGroup.set(row.day ?? '', { tokens: before.tokens + tokens, costNanos: before.costNanos + costNanos }),
    );
  }
  for (const group of groups.values()) group.events = countEvents(eventsOfMeter.get(group.key));
  return { groups: [...groups.values()].sort(byCostThenTokens), days };
}

/** One request has tokens of a prompt and of an answer: it is counted by both meters, and here once. */
function countEvents(ofMeter: ReadonlyMap<Meter, number> | undefined): number {
  const of = (meter: Meter) => ofMeter?.get(meter) ?? 0;
  const requests = Math.max(of('INPUT_TOKENS'), of('CACHED_INPUT_TOKENS'), of('OUTPUT_TOKENS'));
  return requests + of('TRAINING_TOKENS') + of('EVALUATION_TOKENS') + of('STORED_BYTE_HOURS');
}

function keyOf(row: UsageRow, split: Split): string {
  if (split === 'MODEL') return row.model ?? '';
  if (split === 'API_KEY') return row.apiKeyId ?? '';
  if (split === 'PROJECT') return row.projectId ?? '';
  if (split === 'JOB') return row.jobId ?? '';
  return row.kind ?? '';
}

function emptyGroup(key: string): UsageGroup {
  const quantities = Object.fromEntries(METERS.map((meter) => [meter, 0n])) as Record<Meter, bigint>;
  return { key, quantities, totalTokens: 0n, events: 0, costNanos: 0n, unpriced: false };
}

function byCostThenTokens(left: UsageGroup, right: UsageGroup): number {
  const difference = right.costNanos - left.costNanos || right.totalTokens - left.totalTokens;
  return difference > 0n ? 1 : difference < 0n ? -1 : left.key.localeCompare(right.key);
}

/** Whole days in UTC, the present one among them: what the platform counts by. */
export function spanOf(days: number, nowMilliseconds: number): { from: string; to: string; firstDay: number } {
  const lastDay = Math.floor(nowMilliseconds / DAY_MILLISECONDS);
  const firstDay = lastDay - days + 1;
  return {
    from: new Date(firstDay * DAY_MILLISECONDS).toISOString(),
    to: new Date((lastDay + 1) * DAY_MILLISECONDS).toISOString(),
    firstDay,
  };
}

/** Days since 1970 as YYYY-MM-DD. */
export function isoDay(day: number): string {
  return new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10);
}
