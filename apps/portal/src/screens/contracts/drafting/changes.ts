import type { Change } from '../documents';
import type { TermsInput } from './convert';

const CLAUSES: Readonly<Record<keyof TermsInput, Change['clause']>> = {
  prices: 'PRICES',
  discounts: 'DISCOUNTS',
  minimumMinor: 'MINIMUM',
  commitments: 'COMMITMENTS',
  taxBasisPoints: 'TAX',
  paymentDays: 'PAYMENT',
  exportClearances: 'EXPORT_CONTROL',
  regions: 'RESIDENCY',
  retention: 'RETENTION',
};

/** What other terms say otherwise, in the form of the api's redline; rules, discounts and commitments by their ids, not their places. */
export function changesBetween(before: TermsInput, after: TermsInput): Change[] {
  return (Object.keys(CLAUSES) as Array<keyof TermsInput>).flatMap((key) => {
    const old = leavesOf(before[key], [key]);
    const now = leavesOf(after[key], [key]);
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((place) => {
      const change = { before: old.get(place) ?? null, after: now.get(place) ?? null };
      if (change.before === change.after) return [];
      return [{ clause: CLAUSES[key], path: JSON.parse(place) as string[], ...change }];
    });
  });
}

/** Each value that holds no others, by its path. */
function leavesOf(value: unknown, path: readonly string[]): Map<string, string> {
  if (typeof value !== 'object' || value === null) {
    return value === undefined ? new Map() : new Map([[JSON.stringify(path), JSON.stringify(value)]]);
  }
  const entries = Array.isArray(value)
    ? value.map((item, position) => [nameOf(item) ?? String(position), item] as const)
    : Object.entries(value);
  return new Map(entries.flatMap(([name, item]) => [...leavesOf(item, [...path, name])]));
}

const nameOf = (item: unknown): string | undefined => (item as { id?: string } | null)?.id;
