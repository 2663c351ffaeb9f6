import { type Contract, exactPriceNanos, WHOLE_BASIS_POINTS } from '#libs/contracts';
import { DAY_MILLISECONDS, Fraction } from '#libs/kernel';
import { type EndedUsage, readEndedUsage } from '#libs/usage';
import type { Transaction } from '#platform/database';
import { eventsOf, readAgreement, toAgreement } from '../invoices/contract-history.js';
import { overlap, type Span, spansOf } from '../invoices/contract-spans.js';
import { isFinal } from '../invoices/invoice.js';
import { invoicesOfContract } from '../invoices/invoice.repository.js';
import { linesOf } from '../invoices/invoice-postings.js';
import { type Period, type Place, UsageAccumulator, type UsageEvent } from '../invoicing/index.js';

/** The shortest month. */
const MONTH_DAYS = 28;

export interface RatedEvent {
  rule: Place['rule'];
  /** Exact, after discounts, before anything is rounded: a line is rounded once, as a whole. */
  nanos: Fraction;
  /** The final invoice that bills it, and its line; null until there is one, and where the usage came too late for its invoice and changed nothing. */
  invoiceId: string | null;
  lineId: string | null;
}

/** What one invoice is the first to know of a period's usage by one rule. */
interface Tranche {
  quantity: bigint;
  nanos: Fraction;
}

export interface RatingQuery {
  inForce: readonly Contract[];
  /** What of the usage is to be rated. */
  range: Span;
  /** What was final on record by then. */
  knownUntil: Date;
}

/**
 * Rates the usage of a contract event by event, by the rules by which its invoices are made. What an event costs by tiers and packages
 * depends on the rest of its month: it gets its part, by quantity, of what its invoice charges for all that it first knows. So what
 * was billed keeps its price whatever comes later. Holds sums and lines of invoices, and none of the usage.
 */
export class ContractRating {
  readonly #tranches = new Map<Place['rule'], Map<string, Tranche>>();

  private constructor(
    readonly contract: Contract,
    private readonly spans: readonly Span[],
    private readonly usage: UsageAccumulator,
    private readonly invoiceIds: ReadonlyMap<number, string>,
    private readonly lineIds: ReadonlyMap<string, string>,
  ) {}

  static async read(tx: Transaction, contract: Contract, query: RatingQuery): Promise<ContractRating> {
    const spans = spansOf(contract, query.inForce);
    const agreement = toAgreement(await readAgreement(tx, contract, periodsUntil(contract, query)));
    const usage = new UsageAccumulator(agreement);
    const months = monthsOf(usage.periods, query.range);
    if (months) await addUsage(tx, usage, { spans, months, ...query, organizationId: contract.organizationId });
    const invoices = (await invoicesOfContract(tx, contract.id)).filter(isFinal);
    const invoiceIds = new Map(invoices.map(({ period, id }) => [period, id]));
    const lines = invoices.flatMap(({ id, period: invoice, document }) =>
      linesOf(id, JSON.parse(document)).map(
        (line) => [lineKey({ invoice, ...line, period: line.period ?? invoice }), line.id] as const,
      ),
    );
    return new ContractRating(contract, spans, usage, invoiceIds, new Map(lines));
  }

  /** Whether it bills what was used at a time. */
  bills(at: Date): boolean {
    return this.spans.some(({ from, to }) => from <= at && at < to);
  }

  /** A use of its term, one for each meter. */
  eventsOf(ended: EndedUsage): Iterable<UsageEvent> {
    return eventsOf(ended, this.usage);
  }

  /** Null for what it has no price for. */
  rate(event: UsageEvent): RatedEvent | null {
    const place = this.usage.placeOf(event);
    if (!place) return null;
    const { rule, period, invoice } = place;
    const tranche = this.#trancheOf(place);
    const key = {
      invoice,
      period: period.number,
      version: rule.versionNumber,
      ruleId: rule.id,
      projectId: event.projectId,
    };
    return {
      rule,
      nanos: tranche.nanos.mul(new Fraction(event.quantity, tranche.quantity)),
      invoiceId: this.invoiceIds.get(invoice) ?? null,
      lineId: this.lineIds.get(lineKey(key)) ?? null,
    };
  }

  #trancheOf({ rule, period, invoice }: Place): Tranche {
    const tranches = this.#tranches.get(rule) ?? new Map<string, Tranche>();
    this.#tranches.set(rule, tranches);
    const key = `${period.number}/${invoice}`;
    const tranche = tranches.get(key) ?? this.#assess({ rule, period, invoice });
    tranches.set(key, tranche);
    return tranche;
  }

  /** What all that is known costs, less what was known before. */
  #assess({ rule, period, invoice }: Place): Tranche {
    let before = 0n;
    for (let earlier = period.number; earlier < invoice; earlier += 1) before += this.#newTo(earlier, period, rule);
    const quantity = this.#newTo(invoice, period, rule);
    return { quantity, nanos: costOf(rule, before + quantity).sub(costOf(rule, before)) };
  }

  #newTo(invoice: number, period: Period, rule: Place['rule']): bigint {
    const projects = this.usage.newTo(invoice, period.number)?.get(rule);
    return [...(projects?.values() ?? [])].reduce((sum, quantity) => sum + quantity, 0n);
  }
}

function costOf(rule: Place['rule'], quantity: bigint): Fraction {
  if (quantity === 0n) return new Fraction(0);
  return exactPriceNanos(rule.price, quantity).mul(new Fraction(rule.keptBasisPoints, WHOLE_BASIS_POINTS));
}

/** So many that whatever was known by the time is known to the invoice of one of them. */
function periodsUntil({ startsAt, graceDays }: Contract, { range, knownUntil }: RatingQuery): number {
  const last = Math.max(range.to.getTime(), knownUntil.getTime());
  const days = Math.max(last - startsAt!.getTime(), 0) / DAY_MILLISECONDS + graceDays;
  return Math.ceil(days / MONTH_DAYS) + 2;
}

/** The whole periods in which a range lies; null where it lies outside of all. */
function monthsOf(periods: readonly Period[], { from, to }: Span): Span | null {
  const touched = periods.filter((period) => period.from < to.getTime() && period.to > from.getTime());
  if (touched.length === 0) return null;
  return { from: new Date(touched[0]!.from), to: new Date(touched.at(-1)!.to) };
}

async function addUsage(
  tx: Transaction,
  usage: UsageAccumulator,
  {
    spans,
    months,
    organizationId,
    knownUntil,
  }: { spans: readonly Span[]; months: Span; organizationId: string; knownUntil: Date },
): Promise<void> {
  for (const span of spans) {
    const read = { ...overlap(span, months), organizationId, finalUntil: knownUntil };
    for await (const ended of readEndedUsage(tx, read)) {
      for (const event of eventsOf(ended, usage)) usage.add(event);
    }
  }
}

/** What of the lines of all invoices names one that charges for usage. */
interface LineKey {
  invoice: number;
  period: number;
  version?: number | null;
  ruleId?: string | null;
  projectId?: string | null;
}

function lineKey({ invoice, period, version, ruleId, projectId }: LineKey): string {
  return JSON.stringify([invoice, period, version ?? null, ruleId ?? null, projectId ?? null]);
}
