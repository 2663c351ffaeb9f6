import { exactPriceNanos, WHOLE_BASIS_POINTS } from '#libs/contracts';
import type { Meter } from '#libs/kernel';
import { larger } from '#libs/kernel';
import { roundedPart, sumOf } from './money.js';
import { monthMilliseconds, type Period } from './periods.js';
import type { PricedRule } from './rule-index.js';
import { compareText } from './text-order.js';
import type { Quantities } from './usage-accumulator.js';

export interface Share {
  projectId: string;
  quantity: bigint;
  amountMinor: bigint;
}

export interface UsageLine {
  rule: PricedRule;
  quantity: bigint;
  amountMinor: bigint;
  shares: Share[];
}

/** What the usage of one period costs, as far as it is known. */
export interface Assessment {
  lines: UsageLine[];
  minimumMinor: bigint;
}

/** What a credit asks of a charge; the minimum is of no meter and no project. */
export interface Charge {
  meter: Meter | null;
  projectId: string | null;
  amountMinor: bigint;
}

export function assess(period: Period, quantities: Quantities, nanosInMinor: bigint): Assessment {
  const lines = [...quantities]
    .sort(([left], [right]) => left.rank - right.rank)
    .map(([rule, projects]) => usageLine(rule, projects, nanosInMinor));
  return { lines, minimumMinor: minimumLine(period, lines) };
}

export function usageCharges(lines: readonly UsageLine[]): Charge[] {
  return lines.flatMap(({ rule, shares }) =>
    shares.map(({ projectId, amountMinor }) => ({ meter: rule.meter, projectId, amountMinor })),
  );
}

function usageLine(rule: PricedRule, projects: ReadonlyMap<string, bigint>, nanosInMinor: bigint): UsageLine {
  const quantity = sumOf(projects.values());
  const nanos = exactPriceNanos(rule.price, quantity);
  const amountMinor = roundedPart(nanos, rule.keptBasisPoints, WHOLE_BASIS_POINTS * nanosInMinor);
  return { rule, quantity, amountMinor, shares: split(amountMinor, quantity, projects) };
}

/** Whole units in proportion to quantities; those left by rounding down go to the largest fractional parts. */
function split(amountMinor: bigint, quantity: bigint, projects: ReadonlyMap<string, bigint>): Share[] {
  const parts = [...projects]
    .sort(([left], [right]) => compareText(left, right))
    .map(([projectId, ofProject]) => {
      const numerator = amountMinor * ofProject;
      const share: Share = { projectId, quantity: ofProject, amountMinor: numerator / quantity };
      return { share, remainder: numerator % quantity };
    });
  const shares = parts.map(({ share }) => share);
  const left = amountMinor - sumOf(shares.map((share) => share.amountMinor));
  // The sort keeps the order of equal ones, which is that of the projects.
  const byRemainder = parts.sort((a, b) => compare(b.remainder, a.remainder));
  for (const { share } of byRemainder.slice(0, Number(left))) share.amountMinor += 1n;
  return shares;
}

/** What is missing to the least that a period's usage costs: a month's, in proportion to the period's length. */
function minimumLine(period: Period, lines: readonly UsageLine[]): bigint {
  if (!period.isInTerm) return 0n;
  const { minimumMinor } = period.version.terms;
  const length = BigInt(period.to - period.from);
  const least = roundedPart(minimumMinor, length, BigInt(monthMilliseconds(period.from)));
  return larger(least - sumOf(lines.map(({ amountMinor }) => amountMinor)), 0n);
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
