/** Days are of 86,400 seconds and months those of the calendar, both in UTC. */
export const DAY_MILLISECONDS = 86_400_000;

/** The first instant of the day in which a time lies. */
export function dayOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MILLISECONDS) * DAY_MILLISECONDS);
}

/** The first instant of the month in which a time lies, in milliseconds since 1970. */
export function monthOf(at: Date | number): number {
  return monthFrom(at, 0);
}

/** The first instant of the month after it. */
export function monthAfter(at: Date | number): number {
  return monthFrom(at, 1);
}

function monthFrom(at: Date | number, later: number): number {
  const time = new Date(at);
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + later, 1);
}
