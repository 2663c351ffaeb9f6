import { setTimeout as sleep } from 'node:timers/promises';
import { UnreachableError } from './errors.js';

export interface PollOptions<T> {
  until: (value: T) => boolean;
  /** For the message when it takes too long. */
  what: string;
  withinSeconds?: number;
  everyMilliseconds?: number;
  onValue?: (value: T) => void;
}

/** Asks until the answer is as wanted. */
export async function pollUntil<T>(ask: () => Promise<T>, options: PollOptions<T>): Promise<T> {
  const { until, what, withinSeconds = 600, everyMilliseconds = 300, onValue } = options;
  const end = performance.now() + withinSeconds * 1000;
  for (;;) {
    const value = await ask();
    onValue?.(value);
    if (until(value)) return value;
    if (performance.now() > end) throw new UnreachableError(`${what} took more than ${withinSeconds} s`);
    await sleep(everyMilliseconds);
  }
}
