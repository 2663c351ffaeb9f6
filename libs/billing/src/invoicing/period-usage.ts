import { type Adjustment, adjustmentsOf } from './adjustments.js';
import { nanosPerMinor } from './money.js';
import type { Period } from './periods.js';
import { addTo, entry, newProjects, type Quantities, type UsageAccumulator } from './usage-accumulator.js';
import { type Assessment, assess } from './usage-lines.js';

/** The usage of one period, as invoice after invoice learns of it. */
export class PeriodUsage {
  readonly #quantities: Quantities = new Map();
  readonly #nanosInMinor: bigint;
  #assessment: Assessment;

  constructor(
    readonly period: Period,
    readonly usage: UsageAccumulator,
  ) {
    this.#nanosInMinor = nanosPerMinor(usage.contract.currency);
    this.#learn(period.number);
    this.#assessment = this.#assess();
  }

  /** As far as it is known by now. */
  get assessment(): Assessment {
    return this.#assessment;
  }

  /** What a later invoice charges or gives back for the period; invoices have to ask in their order. */
  adjustmentsOn(invoice: number): Adjustment[] {
    if (!this.#learn(invoice)) return [];
    const before = this.#assessment;
    this.#assessment = this.#assess();
    return adjustmentsOf(this.period, before, this.#assessment);
  }

  #assess(): Assessment {
    return assess(this.period, this.#quantities, this.#nanosInMinor);
  }

  #learn(invoice: number): boolean {
    const added = this.usage.newTo(invoice, this.period.number);
    for (const [rule, projects] of added ?? []) {
      const known = entry(this.#quantities, rule, newProjects);
      for (const [projectId, quantity] of projects) addTo(known, projectId, quantity);
    }
    return added !== null;
  }
}
