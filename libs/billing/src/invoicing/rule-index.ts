import { MATCH_FIELDS, type PriceRule } from '#libs/contracts';
import { BILLED_METERS, type BilledMeter } from '#libs/kernel';
import type { Contract, UsageEvent, Version } from './history.js';
import { smaller, sumOf, WHOLE_BASIS_POINTS } from './money.js';
import { compareText } from './text-order.js';

/** A rule of one version, with what else decides what its lines cost. */
export interface PricedRule extends PriceRule {
  versionNumber: number;
  /** What the discounts leave of a price. */
  keptBasisPoints: bigint;
  /** Where its lines stand among all lines of a period. */
  rank: number;
}

/** Rules by what they name, one field of MATCH_FIELDS below the other. */
interface Node {
  /** Those that name the field, by its value. */
  named: Map<string, Node>;
  /** Those that do not. */
  any: Node | null;
  /** Below the last field. */
  rule: PricedRule | null;
}

/** Finds the rule that prices an event in a few look-ups, however many rules there are. */
export class RuleIndex {
  readonly #roots = new Map<Version, Map<BilledMeter, Node>>();

  constructor({ versions }: Contract) {
    const rules = versions.flatMap((version) => [...pricedRules(version)].sort(byMeterThenId));
    for (const [rank, rule] of rules.entries()) rule.rank = rank;
    for (const version of versions) {
      const ofVersion = rules.filter(({ versionNumber }) => versionNumber === version.number);
      this.#roots.set(version, byMeter(ofVersion));
    }
  }

  ruleFor(version: Version, event: UsageEvent): PricedRule | null {
    const root = this.#roots.get(version)?.get(event.meter);
    return root ? nearest(root, event, 0) : null;
  }
}

/**
 * Who names the field goes before who does not, whatever either names of the fields after it; that is why the branch of the
 * named value is searched to its end first.
 */
function nearest(node: Node, event: UsageEvent, depth: number): PricedRule | null {
  const field = MATCH_FIELDS[depth];
  if (!field) return node.rule;
  const value = event[field];
  const named = value === null ? undefined : node.named.get(value);
  return (named && nearest(named, event, depth + 1)) ?? (node.any && nearest(node.any, event, depth + 1));
}

function byMeter(rules: readonly PricedRule[]): Map<BilledMeter, Node> {
  const roots = new Map<BilledMeter, Node>();
  for (const rule of rules) {
    const root = roots.get(rule.meter) ?? emptyNode();
    roots.set(rule.meter, root);
    let node = root;
    for (const field of MATCH_FIELDS) node = below(node, rule.match[field]);
    node.rule = rule;
  }
  return roots;
}

function below(node: Node, value: string | undefined): Node {
  if (value === undefined) {
    node.any ??= emptyNode();
    return node.any;
  }
  const named = node.named.get(value) ?? emptyNode();
  node.named.set(value, named);
  return named;
}

function emptyNode(): Node {
  return { named: new Map(), any: null, rule: null };
}

function pricedRules(version: Version): PricedRule[] {
  return version.terms.prices.map((rule) => ({
    ...rule,
    versionNumber: version.number,
    keptBasisPoints: WHOLE_BASIS_POINTS - discountBasisPoints(version, rule.meter),
    rank: 0,
  }));
}

function discountBasisPoints({ terms }: Version, meter: BilledMeter): bigint {
  const applying = terms.discounts.filter(({ meters }) => meters === null || meters.includes(meter));
  return smaller(sumOf(applying.map(({ basisPoints }) => BigInt(basisPoints))), WHOLE_BASIS_POINTS);
}

function byMeterThenId(left: PriceRule, right: PriceRule): number {
  return BILLED_METERS.indexOf(left.meter) - BILLED_METERS.indexOf(right.meter) || compareText(left.id, right.id);
}
