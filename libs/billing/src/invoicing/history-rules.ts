import type { ErrorPath } from '#libs/kernel';
import type { Commitment, Contract, History, Tier, UsageEvent, Version } from './history.js';
import { isPeriodBoundary } from './periods.js';

/** What is wrong in a history that has the right form, and where. */
export interface Problem {
  path: ErrorPath;
  message: string;
}

/** The first breach of what the guide demands of a history beyond the form of its fields. */
export function problemOf(history: History): Problem | null {
  for (const problems of [problemsOfTerm, problemsOfVersions, problemsOfGrants, problemsOfEvents]) {
    for (const problem of problems(history)) return problem;
  }
  return null;
}

function* problemsOfTerm({ startsAt, endsAt }: Contract): Generator<Problem> {
  if (endsAt <= startsAt) yield { path: ['endsAt'], message: 'must lie after startsAt' };
}

function* problemsOfVersions(history: History): Generator<Problem> {
  const { startsAt, versions } = history;
  if (versions[0]!.effectiveFrom !== startsAt) {
    yield { path: ['versions', 0, 'effectiveFrom'], message: 'must be startsAt' };
  }
  const earlier = new Map<string, Commitment>();
  for (const [index, version] of versions.entries()) {
    const path = ['versions', index];
    const before = versions[index - 1];
    if (before && version.number <= before.number) yield { path: [...path, 'number'], message: 'must rise' };
    if (before && version.effectiveFrom < before.effectiveFrom) {
      yield { path: [...path, 'effectiveFrom'], message: 'must not lie before that of the version before' };
    }
    yield* problemsOfPrices(version, [...path, 'terms', 'prices']);
    yield* repeated(version.terms.discounts, [...path, 'terms', 'discounts']);
    yield* problemsOfCommitments(history, version, earlier, [...path, 'terms', 'commitments']);
  }
}

function* problemsOfPrices({ terms }: Version, path: ErrorPath): Generator<Problem> {
  yield* repeated(terms.prices, path);
  const matches = new Set<string>();
  for (const [index, { meter, match, price }] of terms.prices.entries()) {
    const { projectId, listingId, checkpointId, familyId, method } = match;
    const key = JSON.stringify([meter, projectId, listingId, checkpointId, familyId, method]);
    if (matches.has(key)) yield { path: [...path, index, 'match'], message: 'another rule of the meter has the same' };
    matches.add(key);
    if ('tiers' in price) yield* problemsOfTiers(price.tiers, [...path, index, 'price', 'tiers']);
  }
}

function* problemsOfTiers(tiers: readonly Tier[], path: ErrorPath): Generator<Problem> {
  let lower = 0n;
  for (const [index, { upTo }] of tiers.entries()) {
    const isLast = index === tiers.length - 1;
    if ((upTo === null) !== isLast) {
      yield { path: [...path, index, 'upTo'], message: 'must be null for the last tier and for no other' };
    } else if (upTo !== null && upTo <= lower) {
      yield { path: [...path, index, 'upTo'], message: 'must rise' };
    }
    lower = upTo ?? lower;
  }
}

/** `earlier` holds each commitment as the versions before have it. */
function* problemsOfCommitments(
  history: History,
  { terms: { commitments } }: Version,
  earlier: Map<string, Commitment>,
  path: ErrorPath,
): Generator<Problem> {
  yield* repeated(commitments, path);
  for (const [index, commitment] of commitments.entries()) {
    const { id, kind, amountMinor, from, to } = commitment;
    for (const [name, at] of Object.entries({ from, to })) {
      if (!isPeriodBoundary(history, at)) yield { path: [...path, index, name], message: 'must be a period boundary' };
    }
    if (to <= from) yield { path: [...path, index, 'to'], message: 'must lie after from' };
    if (commitments.slice(0, index).some((other) => other.from < to && from < other.to)) {
      yield { path: [...path, index], message: 'overlaps another commitment of the version' };
    }
    const before = earlier.get(id);
    if (before && (before.kind !== kind || before.from !== from || before.to !== to)) {
      yield { path: [...path, index], message: 'kind, from and to can not change' };
    }
    if (before && amountMinor < before.amountMinor) {
      yield { path: [...path, index, 'amountMinor'], message: 'can not be lowered' };
    }
    earlier.set(id, commitment);
  }
}

function* problemsOfGrants({ grants }: Contract): Generator<Problem> {
  yield* repeated(grants, ['grants']);
}

function* problemsOfEvents({ events }: History): Generator<Problem> {
  const first = new Map<string, UsageEvent>();
  for (const [index, event] of events.entries()) {
    const same = first.get(event.id);
    if (!same) first.set(event.id, event);
    else if (!haveSameContent(same, event)) {
      yield { path: ['events', index, 'id'], message: 'another event has the same id and other content' };
    }
  }
}

function haveSameContent(left: UsageEvent, right: UsageEvent): boolean {
  return (Object.keys(left) as (keyof UsageEvent)[]).every((key) => key === 'receivedAt' || left[key] === right[key]);
}

function* repeated(values: readonly { id: string }[], path: ErrorPath): Generator<Problem> {
  const ids = new Set<string>();
  for (const [index, { id }] of values.entries()) {
    if (ids.has(id)) yield { path: [...path, index, 'id'], message: 'is taken' };
    ids.add(id);
  }
}
