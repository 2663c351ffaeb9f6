import { newId } from '#libs/kernel';
import type { Tenant, Things } from './tenant.fixture.js';

/** What of a tenant an answer tells: its ids, its names, and any text that it wrote. */
export function leaksOf(answer: unknown, { ids, canary }: Pick<Tenant, 'ids' | 'canary'>): string[] {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  const words = text.match(/[a-z]+_[0-9a-z]{26}/g) ?? [];
  const leaks = new Set(words.filter((word) => ids.has(word)));
  for (const at of text.matchAll(new RegExp(canary.slice(0, 16), 'g'))) {
    leaks.add(text.slice(Math.max(0, at.index - 30), at.index + 30));
  }
  return [...leaks];
}

/** What an answer tells of a tenant; a refusal may repeat what it was asked for, and nothing else may. */
export function leaksBeyond(answer: unknown, asked: object, tenant: Tenant): string[] {
  const { shown, refusals } = splitRefusals(answer);
  const question = decodeURIComponent(JSON.stringify(asked));
  const named = Object.values(tenant.things).filter((thing) => question.includes(thing));
  const rest = longestFirst(named).reduce((text, name) => text.replaceAll(name, ''), JSON.stringify(refusals));
  return [...leaksOf(shown, tenant), ...leaksOf(rest, tenant)];
}

function splitRefusals(answer: unknown): { shown: unknown; refusals: unknown[] } {
  const refusals: unknown[] = [];
  const shown = JSON.parse(JSON.stringify(answer ?? null), (key, value) => {
    if (key !== 'errors' && key !== 'userErrors' && key !== 'error') return value;
    refusals.push(value);
    return undefined;
  });
  return { shown, refusals };
}

/** Puts a mark for each of the things, so that answers about different ones compare. */
export function blurred(text: string, things: Things): string {
  const names = new Map(Object.entries(things).map(([name, value]) => [value, name]));
  return longestFirst([...names.keys()]).reduce((rest, value) => rest.replaceAll(value, `<${names.get(value)}>`), text);
}

/** Names of the same form as a tenant's, of things that were never there. */
export function absent(things: Things, canary: string): Things {
  const stranger = `canary${'0'.repeat(canary.length - 'canary'.length)}`;
  const other = (value: string) =>
    value
      .replace(/^([a-z]+)_[0-9a-z]{26}$/, (_, prefix) => newId(prefix))
      .replaceAll(canary, stranger)
      .replaceAll(canary.slice(0, 16), stranger.slice(0, 16));
  return Object.fromEntries(Object.entries(things).map(([name, value]) => [name, other(value)])) as unknown as Things;
}

/** So that a name which is part of another one does not break it. */
const longestFirst = (names: string[]) => names.toSorted((one, other) => other.length - one.length);
