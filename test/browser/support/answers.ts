import { readFileSync } from 'node:fs';
import type { Page, Route } from '@playwright/test';
import { buildSchema, isNonNullType, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';

const GRAPHQL = '**/graphql';
/** Asks who is signed in: without it there is no screen to show a state of. */
const SESSION = 'SessionViewer';

interface Asked {
  operationName?: string;
  query: string;
}
type Json = { [key: string]: unknown };

/** Answers come when the promise is kept. */
export function holdAnswers(page: Page, until: Promise<unknown>): Promise<void> {
  return intercept(page, async (route) => {
    await until;
    // The page may have gone on without it.
    await route.continue().catch(() => undefined);
  });
}

/** No answer at all, or one that says nothing. */
export function failAnswers(page: Page, how: 'no connection' | 'status 500'): Promise<void> {
  return intercept(page, (route) =>
    how === 'no connection' ? route.abort('connectionrefused') : route.fulfill({ status: 500, body: 'out of order' }),
  );
}

/** The real answers with empty lists, where nobody has nothing. */
export function emptyAnswers(page: Page): Promise<void> {
  return intercept(page, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    await route.fulfill({ response, json: JSON.parse(text, (key, value) => (key === 'nodes' ? [] : value)) });
  });
}

/** The real answers but for one field of the first that has one which may be missing. Gives the name of that field. */
export async function spoilOneField(page: Page): Promise<() => string | null> {
  let spoilt: string | null = null;
  await intercept(page, async (route, asked) => {
    if (spoilt !== null || asked.query.startsWith('mutation')) return route.continue();
    const response = await route.fetch();
    const answer = (await response.json()) as { data: Json; errors?: unknown[] };
    const path = asked.operationName && spoilt === null ? takeAway(answer.data, asked.query) : null;
    if (path) {
      spoilt = String(path.at(-1));
      answer.errors = [{ message: 'Something failed.', path, extensions: { code: 'INTERNAL', requestId: 'req_1' } }];
    }
    await route.fulfill({ response, json: answer });
  });
  return () => spoilt;
}

async function intercept(page: Page, handle: (route: Route, asked: Asked) => Promise<void>): Promise<void> {
  await page.route(GRAPHQL, (route) => {
    const asked = route.request().postDataJSON() as Asked | null;
    return !asked || asked.operationName === SESSION ? route.continue() : handle(route, asked);
  });
}

const schema = buildSchema(readFileSync('docs/generated/schema.graphql', 'utf8'));

/** Sets the first object to null that the schema lets be missing and that is there; gives its path in the answer. */
function takeAway(data: Json, query: string): Array<string | number> | null {
  for (const keys of fieldsThatMayBeMissing(query)) {
    const path = pathIn(data, keys);
    if (!path) continue;
    const parent = path.slice(0, -1).reduce<unknown>((value, key) => (value as Json)[key], data) as Json;
    parent[path.at(-1)!] = null;
    return path;
  }
  return null;
}

/** By their names in the answer, each below another field: without one at the root everything is missing. */
function fieldsThatMayBeMissing(query: string): string[][] {
  const types = new TypeInfo(schema);
  const found: string[][] = [];
  const keys: string[] = [];
  visit(
    parse(query),
    visitWithTypeInfo(types, {
      Field: {
        enter({ name, alias, selectionSet }) {
          keys.push((alias ?? name).value);
          const type = types.getType();
          if (keys.length > 1 && selectionSet && type && !isNonNullType(type)) found.push([...keys]);
        },
        leave: () => void keys.pop(),
      },
    }),
  );
  return found;
}

/** The first place of such a field that holds something; lists are gone through from their beginning. */
function pathIn(value: unknown, [key, ...rest]: readonly string[]): Array<string | number> | null {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const path = pathIn(item, key === undefined ? [] : [key, ...rest]);
      if (path) return [index, ...path];
    }
    return null;
  }
  if (value === null || value === undefined) return null;
  if (key === undefined) return [];
  const path = pathIn((value as Json)[key], rest);
  return path && [key, ...(rest.length === 0 ? [] : path)];
}
