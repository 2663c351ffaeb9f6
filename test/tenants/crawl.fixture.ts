import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { systemClock } from '#libs/kernel';
import type { Answer, Credentials, TenantApi } from './tenant-api.fixture.js';

/** Below the field that is asked for, as far as things without an id of their own reach. */
const DEPTH = 5;
const BATCH = 10;

const DAY_MILLISECONDS = 24 * 3600_000;
const now = systemClock.now().getTime();
/** In which everything here happens. */
export const PERIOD = {
  from: new Date(now - DAY_MILLISECONDS).toISOString(),
  to: new Date(now + DAY_MILLISECONDS).toISOString(),
};

/** What the crawl gives fields that can't be asked for without arguments. A new one fails the crawl until it stands here. */
const ARGUMENTS: Record<string, string> = {
  'Checkpoint.cost': '(meter: TRAINING_TOKENS, quantity: "1")',
  'Checkpoint.servability': '(adapter: { rank: 8 })',
  'Deployment.statistics': `(from: "${PERIOD.from}", to: "${PERIOD.to}")`,
  'FineTuneJob.log': '(attempt: 1)',
  'Query.billingExports': '(kind: USAGE)',
  'Query.ledgerStatement': `(account: UNBILLED_TRAINING, currency: USD, from: "${PERIOD.from}", to: "${PERIOD.to}")`,
  'Query.programme': `(from: "${PERIOD.from}", to: "${PERIOD.to}", hourCostNanos: "1")`,
  'Query.usageSummary': `(from: "${PERIOD.from}", to: "${PERIOD.to}", groupBy: [PROJECT, MODEL, API_KEY, DAY, KIND])`,
};

const isNode = (type: GraphQLNamedType) =>
  (isInterfaceType(type) && type.name === 'Node') ||
  (isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'));

/** Every field of a type; things with an id are shown by it alone. */
export function selectionOf(type: GraphQLObjectType, depth = DEPTH): string {
  const fields = Object.values(type.getFields()).map((field) => fieldOf(type, field, depth));
  return `{ ${fields.filter(Boolean).join(' ')} }`;
}

function fieldOf(parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number): string {
  const name = `${parent.name}.${field.name}`;
  if (field.args.some(isRequiredArgument) && !ARGUMENTS[name])
    throw new Error(`${name} needs arguments: add them to ARGUMENTS in test/tenants/crawl.fixture.ts`);
  const below = belowOf(field.type, depth - 1);
  return below === null ? '' : `${field.name}${ARGUMENTS[name] ?? ''} ${below}`;
}

/** What is asked for below a field of a type; null for what lies too deep. */
export function belowOf(type: GraphQLOutputType, depth = DEPTH): string | null {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (isNode(named)) return '{ __typename id }';
  if (!isObjectType(named)) throw new Error(`the crawl does not know how to show a ${named.name}`);
  if (depth === 0) throw new Error(`${named.name} lies deeper than the crawl goes: make DEPTH larger`);
  return selectionOf(named, depth);
}

/** The fields of Query where a crawl begins: those that can be asked for without naming anything. */
export function rootsOf(schema: GraphQLSchema): string[] {
  const query = schema.getQueryType()!;
  return Object.values(query.getFields())
    .filter((field) => !field.args.some(isRequiredArgument) || ARGUMENTS[`Query.${field.name}`])
    .map((field) => fieldOf(query, field, DEPTH));
}

export interface Crawl {
  /** Every answer, by the query that it answers. */
  answers: Map<string, Answer>;
  /** The ids of all things that were shown, by the name of their type. */
  seen: Map<string, Set<string>>;
}

/** All that a caller can come by: from the roots along every field of everything, until nothing new is shown. */
export async function crawl(api: TenantApi, credentials: Credentials): Promise<Crawl> {
  const { schema } = api;
  const answers = new Map<string, Answer>();
  const seen = new Map<string, Set<string>>();
  let found: Array<{ __typename: string; id: string }> = [];
  const ask = async (query: string, variables: object = {}) => {
    const answer = await api.graphql(credentials, query, variables);
    answers.set(`${query} ${JSON.stringify(variables)}`, answer);
    found.push(...thingsIn(answer));
  };
  for (const root of rootsOf(schema)) await ask(`{ ${root} }`);
  while (found.length > 0) {
    const fresh = Map.groupBy(found, ({ __typename }) => __typename);
    found = [];
    for (const [name, things] of fresh) {
      const known = seen.get(name) ?? new Set();
      seen.set(name, known);
      const ids = [...new Set(things.map(({ id }) => id))].filter((id) => !known.has(id));
      const type = schema.getType(name) as GraphQLObjectType;
      for (let from = 0; from < ids.length; from += BATCH) {
        const some = ids.slice(from, from + BATCH);
        for (const id of some) known.add(id);
        await ask(`query($ids: [ID!]!) { nodes(ids: $ids) { ... on ${name} ${selectionOf(type)} } }`, { ids: some });
      }
    }
  }
  return { answers, seen };
}

function thingsIn(answer: Answer): Array<{ __typename: string; id: string }> {
  if (answer === null || typeof answer !== 'object') return [];
  const own = typeof answer.__typename === 'string' ? [answer] : [];
  return [...own, ...Object.values(answer).flatMap(thingsIn)];
}
