import type { ClusterTime } from '#libs/compute';
import { type Currency, Fraction, roundToNanos } from '#libs/kernel';
import type { ForkPointUsage } from '#libs/usage';

const HOUR_MILLISECONDS = 3_600_000n;

/** What came of one fork point, in billionths of the currency and milliseconds. */
export interface ProgrammeLine {
  /** The base checkpoint; null for files that are kept, and for time of jobs and runs that used nothing that is billed, such as those that failed. */
  checkpointId: string | null;
  /** Partners that used it. */
  partners: number;
  fineTuneJobs: number;
  evaluationRuns: number;
  requests: number;
  trainingNanos: bigint;
  evaluationNanos: bigint;
  inferenceNanos: bigint;
  storageNanos: bigint;
  clusterMilliseconds: bigint;
}

export interface Programme {
  currency: Currency;
  /** Those of most revenue first. */
  lines: ProgrammeLine[];
  total: ProgrammeLine;
}

interface Facts {
  usage: readonly ForkPointUsage[];
  times: readonly ClusterTime[];
  /** By the id of a job or run. */
  forkPoints: ReadonlyMap<string, string>;
}

/** Of those partners whose usage is priced in this currency, or in none. */
export function programmeIn(currency: Currency, { usage, times, forkPoints }: Facts): Programme {
  const elsewhere = pricedElsewhere(currency, usage);
  const used = usage.filter(({ organizationId }) => !elsewhere.has(organizationId));
  const spent = times.filter(({ organizationId }) => !elsewhere.has(organizationId));
  const usedAt = Map.groupBy(used, ({ baseCheckpointId }): string | null => baseCheckpointId);
  const spentAt = Map.groupBy(spent, ({ ownerId }) => forkPoints.get(ownerId) ?? null);
  const checkpointIds = new Set([...usedAt.keys(), ...spentAt.keys()]);
  const lines = [...checkpointIds].map((id) => lineOf(id, currency, usedAt.get(id) ?? [], spentAt.get(id) ?? []));
  return { currency, lines: lines.sort(byRevenue), total: lineOf(null, currency, used, spent) };
}

/** How long the cluster worked for it. */
export function hoursOf({ clusterMilliseconds }: ProgrammeLine): Fraction {
  return new Fraction(clusterMilliseconds, HOUR_MILLISECONDS);
}

/** What training and evaluation brought in beyond what the cluster's time cost, and that per hour; null where no time was spent. */
export function marginOf(line: ProgrammeLine, hourCostNanos: bigint): { nanos: bigint; nanosPerHour: bigint | null } {
  const hours = hoursOf(line);
  const margin = new Fraction(line.trainingNanos + line.evaluationNanos).sub(hours.mul(hourCostNanos));
  return {
    nanos: roundToNanos(margin),
    nanosPerHour: line.clusterMilliseconds === 0n ? null : roundToNanos(margin.div(hours)),
  };
}

export function revenueOf({ trainingNanos, evaluationNanos, inferenceNanos, storageNanos }: ProgrammeLine): bigint {
  return trainingNanos + evaluationNanos + inferenceNanos + storageNanos;
}

function pricedElsewhere(currency: Currency, usage: readonly ForkPointUsage[]): ReadonlySet<string> {
  const priced = usage.filter(({ revenue }) => revenue.length > 0);
  const here = priced.filter(({ revenue }) => revenue.some((one) => one.currency === currency));
  const hereIds = new Set(here.map(({ organizationId }) => organizationId));
  return new Set(priced.map(({ organizationId }) => organizationId).filter((id) => !hereIds.has(id)));
}

function lineOf(
  checkpointId: string | null,
  currency: Currency,
  used: readonly ForkPointUsage[],
  spent: readonly ClusterTime[],
): ProgrammeLine {
  const of = (kind: ForkPointUsage['kind']) => used.filter((one) => one.kind === kind);
  const events = (some: readonly ForkPointUsage[]) => some.reduce((sum, one) => sum + one.events, 0);
  const nanos = (some: readonly ForkPointUsage[]) =>
    some
      .flatMap(({ revenue }) => revenue.filter((one) => one.currency === currency))
      .reduce((sum, one) => sum + one.nanos, 0n);
  const [training, evaluation, inference] = [of('training'), of('evaluation'), of('inference')];
  return {
    checkpointId,
    partners: new Set(used.map(({ organizationId }) => organizationId)).size,
    fineTuneJobs: events(training),
    evaluationRuns: events(evaluation),
    requests: events(inference),
    trainingNanos: nanos(training),
    evaluationNanos: nanos(evaluation),
    inferenceNanos: nanos(inference),
    storageNanos: nanos(of('storage')),
    clusterMilliseconds: spent.reduce((sum, { milliseconds }) => sum + milliseconds, 0n),
  };
}

function byRevenue(left: ProgrammeLine, right: ProgrammeLine): number {
  const difference = revenueOf(right) - revenueOf(left);
  if (difference !== 0n) return difference > 0n ? 1 : -1;
  return (left.checkpointId ?? '') < (right.checkpointId ?? '') ? -1 : 1;
}
