import type { Terminal } from './terminal.js';

/** How far back one looks where nothing is said. */
export const USUAL_DAYS = 30;
const MILLISECONDS_PER_DAY = 86_400_000;

/** From the one time to the other, as the schema takes them: until now, and from so many days before the end, if left out. */
export function spanOf(
  asked: { from?: Date; to?: Date },
  terminal: Pick<Terminal, 'now'>,
): { from: string; to: string } {
  const end = asked.to ?? terminal.now();
  const start = asked.from ?? new Date(end.getTime() - USUAL_DAYS * MILLISECONDS_PER_DAY);
  return { from: start.toISOString(), to: end.toISOString() };
}
