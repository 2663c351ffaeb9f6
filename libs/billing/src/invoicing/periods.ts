import { DAY_MILLISECONDS, monthAfter, monthOf } from '#libs/kernel';
import type { Contract, Version } from './history.js';

/** Times are milliseconds since 1970; `to` is the first instant that no longer belongs to the period. */
export interface Period {
  /** From 1; it is the invoice's number. */
  number: number;
  from: number;
  to: number;
  /** The last instant whose receipts the period's invoice takes. */
  finalizedAt: number;
  isInTerm: boolean;
  version: Version;
}

/** Calendar months, cut to the term; after it they go on for what comes late. */
export function periodsOf(contract: Contract): Period[] {
  const periods: Period[] = [];
  let from = contract.startsAt;
  while (periods.length < contract.periods) {
    const period = periodFrom(contract, from, periods.length + 1);
    periods.push(period);
    from = period.to;
  }
  return periods;
}

function periodFrom(contract: Contract, from: number, number: number): Period {
  const { endsAt, graceDays, versions } = contract;
  const isInTerm = from < endsAt;
  const to = isInTerm ? Math.min(monthAfter(from), endsAt) : monthAfter(from);
  const version = isInTerm ? versionAt(versions, to - 1) : versions.at(-1)!;
  return { number, from, to, finalizedAt: to + graceDays * DAY_MILLISECONDS, isInTerm, version };
}

/** The version in force at a time of the term. */
export function versionAt(versions: readonly Version[], at: number): Version {
  return versions.findLast(({ effectiveFrom }) => effectiveFrom <= at)!;
}

/** The length of the calendar month in which a time lies. */
export function monthMilliseconds(at: number): number {
  return monthAfter(at) - monthOf(at);
}
