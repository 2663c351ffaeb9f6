import type { Contract, UsageEvent } from './history.js';
import { type Period, periodsOf } from './periods.js';
import { type PricedRule, RuleIndex } from './rule-index.js';

/** Where an event counts. */
export interface Place {
  period: Period;
  rule: PricedRule;
  /** The first that knows it, by its number. */
  invoice: number;
}

/** Sums of quantities by rule (which stands for its version, too) and project. */
export type Quantities = Map<PricedRule, Map<string, bigint>>;

/**
 * Takes a contract's usage events one at a time and keeps their sums, so that its memory grows with rules, projects and
 * periods and not with events. Only the ids of events that nothing prices are kept. Invoices can be made from it at any
 * moment, and more events be added afterwards.
 */
export class UsageAccumulator {
  readonly periods: readonly Period[];
  readonly unpriced: string[] = [];
  readonly outsideTerm: string[] = [];
  readonly #rules: RuleIndex;
  readonly #starts: number[];
  readonly #finalizations: number[];
  /** By position of the period, then by the number of the first invoice, from the period's own on, that knows the events. */
  readonly #sums: Map<number, Quantities>[];

  constructor(readonly contract: Contract) {
    this.periods = periodsOf(contract);
    this.#rules = new RuleIndex(contract);
    this.#starts = this.periods.map(({ from }) => from);
    this.#finalizations = this.periods.map(({ finalizedAt }) => finalizedAt);
    this.#sums = this.periods.map(() => new Map());
  }

  /** Each event once, with the time when it was first received: `firstReceipts` does that for a list. */
  add(event: UsageEvent): void {
    const firstKnowing = this.#firstKnowing(event);
    if (firstKnowing > this.periods.length) return;
    if (this.#isOutsideTerm(event)) {
      this.outsideTerm.push(event.id);
      return;
    }
    const rule = this.ruleFor(event);
    if (!rule) this.unpriced.push(event.id);
    else this.#count(event, rule, firstKnowing);
  }

  /** What prices an event of the contract's term, whether it was added or not. */
  ruleFor(event: UsageEvent): PricedRule | null {
    return this.#rules.ruleFor(event);
  }

  /** Where an event counts, whether it was added or not; null where nothing prices it, and where no period's invoice knows it. */
  placeOf(event: UsageEvent): Place | null {
    const firstKnowing = this.#firstKnowing(event);
    if (firstKnowing > this.periods.length || this.#isOutsideTerm(event)) return null;
    const period = this.#periodAt(event.at);
    const rule = this.ruleFor(event);
    return period && rule && { period, rule, invoice: Math.max(firstKnowing, period.number) };
  }

  /** What an invoice is the first to know of a period; both by their numbers. */
  newTo(invoice: number, period: number): Quantities | null {
    return this.#sums[period - 1]?.get(invoice) ?? null;
  }

  #count(event: UsageEvent, rule: PricedRule, firstKnowing: number): void {
    const period = this.#periodAt(event.at);
    if (!period) return;
    const invoice = Math.max(firstKnowing, period.number);
    const quantities = entry(this.#sums[period.number - 1]!, invoice, newQuantities);
    addTo(entry(quantities, rule, newProjects), event.projectId, event.quantity);
  }

  #isOutsideTerm({ at }: UsageEvent): boolean {
    const { startsAt, endsAt } = this.contract;
    return at < startsAt || at >= endsAt;
  }

  #firstKnowing({ receivedAt }: UsageEvent): number {
    return 1 + countBelow(this.#finalizations, receivedAt);
  }

  /** Null where the last period ends before: it is for an invoice that is not asked for. */
  #periodAt(at: number): Period | null {
    const period = this.periods[countBelow(this.#starts, at + 1) - 1]!;
    return at < period.to ? period : null;
  }
}

/** Events with the same id are one, received when it was first received. */
export function firstReceipts(events: Iterable<UsageEvent>): Iterable<UsageEvent> {
  const first = new Map<string, UsageEvent>();
  for (const event of events) {
    const known = first.get(event.id);
    if (!known || event.receivedAt < known.receivedAt) first.set(event.id, event);
  }
  return first.values();
}

export function addTo<Key>(sums: Map<Key, bigint>, key: Key, quantity: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + quantity);
}

export function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

const newQuantities = (): Quantities => new Map();
export const newProjects = (): Map<string, bigint> => new Map();

/** How many of the rising values lie below a limit, by bisection. */
function countBelow(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
