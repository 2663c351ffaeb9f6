import { makeInvoices, parseHistory } from '#libs/billing';
import { canonicalJson } from '#libs/kernel';
import { judgedHistories, type Sample } from './oracle.js';

export interface Difference {
  /** Which of the histories, from 0. */
  position: number;
  history: string;
  expected: string;
  actual: string;
}

/** The first history of which the engine makes other invoices than the oracle; null where they agree on all. */
export async function firstDifference(
  sample: Sample,
  onProgress: (compared: number) => void,
): Promise<Difference | null> {
  let compared = 0;
  for await (const { history, expected } of judgedHistories(sample)) {
    const actual = canonicalJson(makeInvoices(parseHistory(JSON.parse(history))));
    if (!isSameJson(expected, actual)) return { position: compared, history, expected, actual };
    compared += 1;
    onProgress(compared);
  }
  if (compared !== sample.count) throw new Error(`compared ${compared} histories of ${sample.count}`);
  return null;
}

/** The text mostly is the same already: only if it is not, it has to be read. */
export function isSameJson(expected: string, actualCanonical: string): boolean {
  return expected === actualCanonical || canonicalJson(JSON.parse(expected)) === actualCanonical;
}
