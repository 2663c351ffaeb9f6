import { DAY_MILLISECONDS } from '../../format';
/** What the api allows. */
export const MOST_DAYS = 367;

/** Days in UTC, as browsers write them: 2026-01-31. */
export interface Days {
  first: string;
  /** The last one that is part of it. */
  last: string;
}

/** The month before this one, which is over and mostly final. */
export function lastMonth(nowMilliseconds: number): Days {
  const now = new Date(nowMilliseconds);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return { first: dayOf(Date.UTC(year, month - 1, 1)), last: dayOf(Date.UTC(year, month, 0)) };
}

export function countDays({ first, last }: Days): number {
  return (Date.parse(last) - Date.parse(first)) / DAY_MILLISECONDS + 1;
}

/** As the api takes it: what is at `to` is not in it. */
export function rangeOf({ first, last }: Days): { from: string; to: string } {
  const instant = (milliseconds: number) => new Date(milliseconds).toISOString();
  return { from: instant(Date.parse(first)), to: instant(Date.parse(last) + DAY_MILLISECONDS) };
}

/** The other way round; null where it is not of whole days, as a script may ask. */
export function daysOf({ from, to }: { from: string; to: string }): Days | null {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (start % DAY_MILLISECONDS !== 0 || end % DAY_MILLISECONDS !== 0) return null;
  return { first: dayOf(start), last: dayOf(end - DAY_MILLISECONDS) };
}

function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
