import { readFileSync } from 'node:fs';
import type { Page, Route } from '@playwright/test';
import {
  buildSchema,
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';

const GRAPHQL = '**/graphql';
/** Asks who is signed in: without it there is no screen to show a state of. */
const SESSION = 'SessionViewer';

interface Asked {
  operationName?: string;
  /** The text, of what was named by its hash too. */
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

/** What lists hold, by their names in answers. */
const ITEMS: ReadonlySet<string> = new Set(['nodes', 'balances', 'publisherBalances']);

/** The real answers with empty lists, where nobody has nothing. */
export function emptyAnswers(page: Page): Promise<void> {
  return intercept(page, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    await route.fulfill({ response, json: JSON.parse(text, (key, value) => (ITEMS.has(key) ? [] : value)) });
  });
}

/**
 * The real answers but for one field, which may be missing, of the first operation asked that has one, however often that is asked
 * again. Gives the name of the field.
 */
export async function spoilOneField(page: Page, operation?: string): Promise<() => string | null> {
  let spoilt: { operation: string | undefined; field: string } | null = null;
  // Which of several answers is there first is chance: they are looked at in the order in which they were asked for.
  let looked: Promise<unknown> = Promise.resolve();
  await intercept(page, async (route, { query, operationName }) => {
    const isChosen = () => (spoilt?.operation ?? operation ?? operationName) === operationName;
    if (!query.startsWith('query') || !isChosen()) return route.continue();
    const [before, { promise, resolve }] = [looked, Promise.withResolvers<void>()];
    looked = promise;
    try {
      const response = await route.fetch();
      const answer = (await response.json()) as { data: Json; errors?: unknown[] };
      await before;
      const path = isChosen() ? takeAway(answer.data, query) : null;
      if (path) {
        spoilt ??= { operation: operationName, field: String(path.at(-1)) };
        answer.errors = [{ message: 'Something failed.', path, extensions: { code: 'INTERNAL', requestId: 'req_1' } }];
      }
      await route.fulfill({ response, json: answer });
    } finally {
      resolve();
    }
  });
  return () => spoilt?.field ?? null;
}

async function intercept(page: Page, handle: (route: Route, asked: Asked) => Promise<void>): Promise<void> {
  await page.route(GRAPHQL, (route) => {
    const body = route.request().postDataJSON() as Body | null;
    if (!body || body.operationName === SESSION) return route.continue();
    const query = body.query ?? operations.get(body.extensions?.persistedQuery?.sha256Hash ?? '') ?? '';
    return handle(route, { operationName: body.operationName, query });
  });
}

interface Body {
  operationName?: string;
  query?: string;
  extensions?: { persistedQuery?: { sha256Hash: string } };
}

const operations = new Map<string, string>(
  Object.entries(JSON.parse(readFileSync('docs/generated/portal-operations.json', 'utf8'))),
);

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
  const { definitions } = parse(query);
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
  const found: string[][] = [];
  const walk = (
    { selections }: SelectionSetNode,
    type: GraphQLNamedType | undefined,
    above: readonly string[],
  ): void => {
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD) {
        const part = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value)! : selection;
        const condition = part.typeCondition && schema.getType(part.typeCondition.name.value);
        walk(part.selectionSet, condition ?? type, above);
      } else if (selection.selectionSet && (isObjectType(type) || isInterfaceType(type))) {
        const path = [...above, (selection.alias ?? selection.name).value];
        const { type: answered } = type.getFields()[selection.name.value]!;
        if (above.length > 0 && !isNonNullType(answered)) found.push(path);
        walk(selection.selectionSet, getNamedType(answered), path);
      }
    }
  };
  const [operation] = definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  walk(operation!.selectionSet, schema.getQueryType() ?? undefined, []);
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
