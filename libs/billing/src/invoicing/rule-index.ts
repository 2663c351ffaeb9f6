import { keptBasisPoints, type PriceRule, RuleTree } from '#libs/contracts';
import { BILLED_METERS } from '#libs/kernel';
import type { Contract, UsageEvent, Version } from './history.js';
import { compareText } from './text-order.js';

/** A rule of one version, with what else decides what its lines cost. */
export interface PricedRule extends PriceRule {
  versionNumber: number;
  /** What the discounts leave of a price. */
  keptBasisPoints: bigint;
  /** Where its lines stand among all lines of a period. */
  rank: number;
}

/** Finds the rule that prices an event, and knows the order of lines. */
export class RuleIndex {
  readonly #trees = new Map<Version, RuleTree<PricedRule>>();

  constructor({ versions }: Contract) {
    let rank = 0;
    for (const version of versions) {
      const rules = pricedRules(version).sort(byMeterThenId);
      for (const rule of rules) rule.rank = rank++;
      this.#trees.set(version, new RuleTree(rules));
    }
  }

  ruleFor(version: Version, event: UsageEvent): PricedRule | null {
    return this.#trees.get(version)?.ruleFor(event) ?? null;
  }
}

function pricedRules(version: Version): PricedRule[] {
  return version.terms.prices.map((rule) => ({
    ...rule,
    versionNumber: version.number,
    keptBasisPoints: keptBasisPoints(version.terms, rule.meter),
    rank: 0,
  }));
}

function byMeterThenId(left: PriceRule, right: PriceRule): number {
  return BILLED_METERS.indexOf(left.meter) - BILLED_METERS.indexOf(right.meter) || compareText(left.id, right.id);
}
