import { problemOfTerms } from '#libs/contracts';
import type { ErrorPath } from '#libs/kernel';
import type { Contract, History, UsageEvent } from './history.js';

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
  const { startsAt, endsAt, versions } = history;
  if (versions[0]!.effectiveFrom !== startsAt) {
    yield { path: ['versions', 0, 'effectiveFrom'], message: 'must be startsAt' };
  }
  const term = { startsAt: new Date(startsAt), endsAt: new Date(endsAt) };
  for (const [index, version] of versions.entries()) {
    const path = ['versions', index];
    const before = versions[index - 1];
    if (before && version.number <= before.number) yield { path: [...path, 'number'], message: 'must rise' };
    if (before && version.effectiveFrom < before.effectiveFrom) {
      yield { path: [...path, 'effectiveFrom'], message: 'must not lie before that of the version before' };
    }
    const ofTerms = problemOfTerms(version.terms, term, before?.terms);
    if (ofTerms) yield { path: [...path, 'terms', ...ofTerms.path], message: ofTerms.problem };
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
