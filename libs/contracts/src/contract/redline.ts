import { canonicalJson, type Json } from '#libs/kernel';
import { DEFAULT_PAYMENT_DAYS, DEFAULT_RETENTION } from './terms.js';

export const CONTRACT_CLAUSES = [
  'general',
  'effective_date',
  'prices',
  'discounts',
  'minimum',
  'commitments',
  'tax',
  'payment',
  'export_control',
  'residency',
  'retention',
] as const;
export type ContractClause = (typeof CONTRACT_CLAUSES)[number];

/** One thing that differs between two documents of a contract. */
export interface RedlineChange {
  clause: ContractClause;
  /** From the outside in; a rule, discount or commitment by its id, a tier by its position. */
  path: string[];
  /** Canonical JSON; null where it is not there. */
  before: string | null;
  after: string | null;
}

type JsonObject = { [key: string]: Json };
/** Not an object: an id may be any word, "constructor" too. */
type Parts = ReadonlyMap<string, Json>;

/** Of a document's fields, which the terms' come after. */
const CLAUSE_OF: ReadonlyMap<string, ContractClause> = new Map([
  ['effectiveFrom', 'effective_date'],
  ['prices', 'prices'],
  ['discounts', 'discounts'],
  ['minimumMinor', 'minimum'],
  ['commitments', 'commitments'],
  ['taxBasisPoints', 'tax'],
  ['paymentDays', 'payment'],
  ['exportClearances', 'export_control'],
  ['regions', 'residency'],
  ['retention', 'retention'],
]);

/** What another document of the same contract changes, ordered by clause; without a document before, all that it says. */
export function redline(before: string | null, after: string): RedlineChange[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const changes = namesOf(old, now).flatMap((name) => {
    const clause = CLAUSE_OF.get(name) ?? 'general';
    return [...changesOf(old.get(name), now.get(name), [name])].map((change) => ({ clause, ...change }));
  });
  return changes.toSorted((one, other) => orderOf(one) - orderOf(other));
}

/** What a document of before a clause there was means, and does not say. */
const UNSAID = {
  ...{ paymentDays: DEFAULT_PAYMENT_DAYS, exportClearances: [], regions: null },
  retention: { ...DEFAULT_RETENTION },
};

/** Of the document and its terms on one level; which number a version has is no change. */
function fieldsOf(document: string | null): Parts {
  if (document === null) return new Map();
  const { number: _number, contractId: _contract, terms, ...fields } = JSON.parse(document) as JsonObject;
  return new Map(Object.entries({ ...fields, ...UNSAID, ...(terms as JsonObject) }));
}

type Change = Omit<RedlineChange, 'clause'>;

function* changesOf(before: Json | undefined, after: Json | undefined, path: string[]): Generator<Change> {
  if (textOf(before) === textOf(after)) return;
  const [old, now] = [partsOf(before), partsOf(after)];
  // What came or went as a whole is one change, but for lists: there each entry is one.
  const isInParts = isList(before) || isList(after) || (before !== undefined && after !== undefined);
  if (old && now && isInParts) {
    for (const name of namesOf(old, now)) yield* changesOf(old.get(name), now.get(name), [...path, name]);
  } else yield { path, before: textOf(before), after: textOf(after) };
}

/** An object's fields, a list's entries by id or position; null for what has no parts. */
function partsOf(value: Json | undefined): Parts | null {
  if (value === undefined) return new Map();
  if (!isList(value)) return isObject(value) ? new Map(Object.entries(value)) : null;
  // A list of plain values, such as meters, is read as a whole.
  if (!value.every(isObject)) return null;
  return new Map(value.map((entry, position) => [String(entry['id'] ?? position), entry]));
}

const isList = (value: Json | undefined): value is Json[] => Array.isArray(value);
const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const textOf = (value: Json | undefined) => (value === undefined ? null : canonicalJson(value));
const namesOf = (one: Parts, other: Parts) => [...new Set([...one.keys(), ...other.keys()])];
const orderOf = ({ clause }: RedlineChange) => CONTRACT_CLAUSES.indexOf(clause);
