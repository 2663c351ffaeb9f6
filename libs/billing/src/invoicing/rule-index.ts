import { keptBasisPoints, type PriceRule, RuleTree } from '#libs/contracts';
import { METERS } from '#libs/kernel';
import type { Contract, UsageEvent, Version } from './history.js';
import { versionAt } from './periods.js';
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

  constructor(private readonly contract: Pick<Contract, 'versions'>) {
    let rank = 0;
    for (const version of contract.versions) {
      const rules = pricedRules(version).sort(byMeterThenId);
      for (const rule of rules) rule.rank = rank++;
      this.#trees.set(version, new RuleTree(rules));
    }
  }

  /** Of the version in force when it happened, which was in the contract's term. */
  ruleFor(event: UsageEvent): PricedRule | null {
    return this.#trees.get(versionAt(this.contract.versions, event.at))?.ruleFor(event) ?? null;
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
  return METERS.indexOf(left.meter) - METERS.indexOf(right.meter) || compareText(left.id, right.id);
}
