import type { Commitment } from '#libs/contracts';
import { DAY_MILLISECONDS } from '#libs/kernel';
import { type Contract, type Invoice, invoicesOf, type UsageAccumulator } from '../invoicing/index.js';
import type { Pace, Span } from './pace.js';

/** Four weeks: every day of the week counts as often. */
const MOST_OBSERVED_DAYS = 28;

export interface Forecast {
  observed: Span;
  periods: Array<{
    period: number;
    from: Date;
    to: Date;
    /** Of what is used already; commitments and minimums of months to come are in it. */
    knownDueMinor: bigint;
    /** If usage goes on as observed. */
    expectedDueMinor: bigint;
  }>;
  commitments: Array<{
    id: string;
    kind: Commitment['kind'];
    amountMinor: bigint;
    to: Date;
    consumedMinor: bigint;
    expectedMinor: bigint;
  }>;
}

/** What is looked at to tell how usage goes on: the last four weeks, less where the term is younger, a day at the least. */
export function observedSpan({ startsAt, endsAt }: Contract, now: number): Span {
  const to = Math.min(now, endsAt);
  const from = Math.max(startsAt, to - MOST_OBSERVED_DAYS * DAY_MILLISECONDS);
  return { from: Math.min(from, to - DAY_MILLISECONDS), to };
}

/**
 * All invoices to the end of the term, by the engine that makes them: once of what is used already, once with usage going on at the observed
 * pace. Tiers, minimums, credits, commitments and prices that are agreed for later count as they will. Adds to the accumulator.
 */
export function forecastOf(usage: UsageAccumulator, pace: Pace): Forecast {
  const known = invoicesOf(usage).invoices;
  for (const event of pace.goingOn(spansAhead(usage, pace.observed.to))) usage.add(event);
  const expected = invoicesOf(usage).invoices;
  return {
    observed: pace.observed,
    periods: expected.map(({ number, from, to, dueMinor }, place) => ({
      period: number,
      from: new Date(from),
      to: new Date(to),
      knownDueMinor: BigInt(known[place]!.dueMinor),
      expectedDueMinor: BigInt(dueMinor),
    })),
    commitments: commitmentsOf(usage.contract).map(({ id, kind, amountMinor, to }) => ({
      id,
      kind,
      amountMinor,
      to,
      consumedMinor: consumedOf(known, id),
      expectedMinor: consumedOf(expected, id),
    })),
  };
}

/** From now to the end of the term, cut where a period or a version begins. */
function spansAhead({ contract, periods }: UsageAccumulator, now: number): Span[] {
  const { endsAt, versions } = contract;
  const bounds = [
    now,
    ...periods.map(({ to }) => to),
    ...versions.map(({ effectiveFrom }) => effectiveFrom),
    endsAt,
  ].filter((at) => at >= now && at <= endsAt);
  const ordered = [...new Set(bounds)].sort((left, right) => left - right);
  return ordered.slice(1).map((to, place) => ({ from: ordered[place]!, to }));
}

/** Each as the latest version has it. */
function commitmentsOf({ versions }: Contract): Commitment[] {
  const latest = new Map<string, Commitment>();
  for (const { terms } of versions) for (const commitment of terms.commitments) latest.set(commitment.id, commitment);
  return [...latest.values()];
}

function consumedOf(invoices: readonly Invoice[], commitmentId: string): bigint {
  const uses = invoices.flatMap(({ commitments }) => commitments.filter(({ id }) => id === commitmentId));
  return BigInt(uses.at(-1)?.consumedMinor ?? 0);
}
