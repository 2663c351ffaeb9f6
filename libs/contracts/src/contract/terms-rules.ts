import type { ErrorPath } from '#libs/kernel';
import { type Commitment, type ContractTerms, MATCH_FIELDS, type PriceTier, termsInvalid } from './terms.js';

/** The time for which a contract is made; it starts on acceptance where `startsAt` is null. */
export interface ContractTerm {
  startsAt: Date | null;
  endsAt: Date;
}

export interface TermsProblem {
  /** Inside the terms. */
  path: ErrorPath;
  problem: string;
}

/** Throws CONTRACT_TERMS_INVALID for what the guide forbids beyond the form; `before` are the terms that these ones amend. */
export function assertTerms(terms: ContractTerms, term: ContractTerm, before: ContractTerms | null = null): void {
  const problem = problemOfTerms(terms, term, before);
  if (problem) throw termsInvalid(problem, terms);
}

/** The first breach of what the guide demands of terms beyond their form; null if there is none. */
export function problemOfTerms(
  terms: ContractTerms,
  term: ContractTerm,
  before: ContractTerms | null = null,
): TermsProblem | null {
  for (const problem of problemsOfPrices(terms)) return problem;
  for (const problem of repeatedIds(terms.discounts, 'discounts')) return problem;
  for (const problem of problemsOfCommitments(terms, term)) return problem;
  for (const problem of problemsOfAmendment(terms, before)) return problem;
  return null;
}

function* problemsOfPrices({ prices }: ContractTerms): Generator<TermsProblem> {
  yield* repeatedIds(prices, 'prices');
  const taken = new Set<string>();
  for (const [position, { meter, match, price }] of prices.entries()) {
    const key = JSON.stringify([meter, ...MATCH_FIELDS.map((field) => match[field] ?? null)]);
    if (taken.has(key))
      yield { path: ['prices', position, 'match'], problem: 'another rule of the meter has the same' };
    taken.add(key);
    if ('tiers' in price) yield* problemsOfTiers(price.tiers, ['prices', position, 'price', 'tiers']);
  }
}

function* problemsOfTiers(tiers: readonly PriceTier[], path: ErrorPath): Generator<TermsProblem> {
  let lower = 0n;
  for (const [position, { upTo }] of tiers.entries()) {
    const isLast = position === tiers.length - 1;
    const at = [...path, position, 'upTo'];
    if ((upTo === null) !== isLast) yield { path: at, problem: 'must be null for the last tier and for no other' };
    else if (upTo !== null && upTo <= lower) yield { path: at, problem: 'must be more than that of the tier before' };
    lower = upTo ?? lower;
  }
}

function* problemsOfCommitments({ commitments }: ContractTerms, term: ContractTerm): Generator<TermsProblem> {
  yield* repeatedIds(commitments, 'commitments');
  for (const [position, { from, to }] of commitments.entries()) {
    const path = ['commitments', position];
    for (const [name, at] of Object.entries({ from, to })) {
      if (!isPeriodBoundary(term, at)) yield { path: [...path, name], problem: BOUNDARY };
    }
    if (to <= from) yield { path: [...path, 'to'], problem: 'must lie after from' };
    const others = commitments.slice(0, position);
    if (others.some((other) => other.from < to && from < other.to))
      yield { path, problem: 'overlaps another commitment of the version' };
  }
}

/** What was promised stays promised. */
function* problemsOfAmendment({ commitments }: ContractTerms, before: ContractTerms | null): Generator<TermsProblem> {
  for (const promised of before?.commitments ?? []) {
    const position = commitments.findIndex(({ id }) => id === promised.id);
    const now = commitments[position];
    if (!now) yield { path: ['commitments'], problem: `the commitment ${promised.id} can't be dropped` };
    else yield* problemsOfChange(promised, now, ['commitments', position]);
  }
}

function* problemsOfChange(before: Commitment, after: Commitment, path: ErrorPath): Generator<TermsProblem> {
  if (after.kind !== before.kind) yield { path: [...path, 'kind'], problem: "can't change" };
  if (after.from.getTime() !== before.from.getTime()) yield { path: [...path, 'from'], problem: "can't change" };
  if (after.to.getTime() !== before.to.getTime()) yield { path: [...path, 'to'], problem: "can't change" };
  if (after.amountMinor < before.amountMinor)
    yield { path: [...path, 'amountMinor'], problem: `can't be lowered below ${before.amountMinor}` };
}

function* repeatedIds(values: ReadonlyArray<{ id: string }>, list: string): Generator<TermsProblem> {
  const taken = new Set<string>();
  for (const [position, { id }] of values.entries()) {
    if (taken.has(id)) yield { path: [list, position, 'id'], problem: 'is taken' };
    taken.add(id);
  }
}

const BOUNDARY =
  'must be where a period ends or begins: the first of a month at 00:00 UTC inside the term, or an end of it';

/** Periods are calendar months, cut to the term. */
function isPeriodBoundary({ startsAt, endsAt }: ContractTerm, at: Date): boolean {
  if (at.getTime() === endsAt.getTime() || at.getTime() === startsAt?.getTime()) return true;
  const isInside = at < endsAt && (startsAt === null || at > startsAt);
  return isInside && at.getTime() === Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
}
