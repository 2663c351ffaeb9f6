import type { Meter } from '#libs/kernel';
import { MATCH_FIELDS, type PriceRule } from '../contract/terms.js';

export type MatchField = (typeof MATCH_FIELDS)[number];

/** What rules are matched against: null matches only rules that do not name the field. */
export type Matchable = { meter: Meter } & Record<MatchField, string | null>;

type Matching = Pick<PriceRule, 'meter' | 'match'>;

/** Rules by what they name, one field of MATCH_FIELDS below the other. */
interface Node<Rule> {
  /** Those that name the field, by its value. */
  named: Map<string, Node<Rule>>;
  /** Those that do not. */
  any: Node<Rule> | null;
  /** Below the last field. */
  rule: Rule | null;
}

/** Finds the rule that prices a use in a few look-ups, however many rules there are: for quotes, summaries and invoices alike. */
export class RuleTree<Rule extends Matching> {
  readonly #roots = new Map<Meter, Node<Rule>>();

  /** No two of the rules have the same meter and the same match. */
  constructor(rules: Iterable<Rule>) {
    for (const rule of rules) this.#add(rule);
  }

  ruleFor(usage: Matchable): Rule | null {
    const root = this.#roots.get(usage.meter);
    return root ? nearest(root, usage, 0) : null;
  }

  #add(rule: Rule): void {
    const root = this.#roots.get(rule.meter) ?? emptyNode<Rule>();
    this.#roots.set(rule.meter, root);
    let node = root;
    for (const field of MATCH_FIELDS) node = below(node, rule.match[field]);
    node.rule = rule;
  }
}

/**
 * Who names the field goes before who does not, whatever either names of the fields after it; that is why the branch of the
 * named value is searched to its end first.
 */
function nearest<Rule>(node: Node<Rule>, usage: Matchable, depth: number): Rule | null {
  const field = MATCH_FIELDS[depth];
  if (!field) return node.rule;
  const value = usage[field];
  const named = value === null ? undefined : node.named.get(value);
  return (named && nearest(named, usage, depth + 1)) ?? (node.any && nearest(node.any, usage, depth + 1));
}

function below<Rule>(node: Node<Rule>, value: string | undefined): Node<Rule> {
  if (value === undefined) {
    node.any ??= emptyNode();
    return node.any;
  }
  const named = node.named.get(value) ?? emptyNode<Rule>();
  node.named.set(value, named);
  return named;
}

function emptyNode<Rule>(): Node<Rule> {
  return { named: new Map(), any: null, rule: null };
}
