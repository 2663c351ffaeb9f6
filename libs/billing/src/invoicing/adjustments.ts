import type { Period } from './periods.js';
import type { PricedRule } from './rule-index.js';
import type { Assessment, Charge, UsageLine } from './usage-lines.js';

export interface Adjustment extends Charge {
  period: Period;
  /** Null for the minimum. */
  rule: PricedRule | null;
}

/**
 * New less old of every share that differs, and of the minimum. What is known stays known: every share of before is among
 * those of after.
 */
export function adjustmentsOf(period: Period, before: Assessment, after: Assessment): Adjustment[] {
  const old = new Map(before.lines.map((line) => [line.rule, amountsByProject(line)]));
  const adjustments: Adjustment[] = [];
  for (const { rule, shares } of after.lines) {
    for (const { projectId, amountMinor } of shares) {
      const difference = amountMinor - (old.get(rule)?.get(projectId) ?? 0n);
      adjustments.push({ period, rule, meter: rule.meter, projectId, amountMinor: difference });
    }
  }
  const ofMinimum = after.minimumMinor - before.minimumMinor;
  adjustments.push({ period, rule: null, meter: null, projectId: null, amountMinor: ofMinimum });
  return adjustments.filter(({ amountMinor }) => amountMinor !== 0n);
}

function amountsByProject({ shares }: UsageLine): Map<string, bigint> {
  return new Map(shares.map(({ projectId, amountMinor }) => [projectId, amountMinor]));
}
