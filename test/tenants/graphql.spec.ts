import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GraphQLField, type GraphQLObjectType, isObjectType } from 'graphql';
import { newId } from '#libs/kernel';
import { belowOf, type Crawl, crawl } from './crawl.fixture.js';
import { blurred, leaksBeyond, leaksOf } from './leaks.fixture.js';
import { type Attempt, MUTATIONS, QUERIES, SUBSCRIPTIONS } from './operations.fixture.js';
import { recordStatements, unconfined } from './statements.fixture.js';
import type { Tenant, Things } from './tenant.fixture.js';
import type { Answer, TenantApi } from './tenant-api.fixture.js';
import { type Rows, rowsOf } from './tenant-rows.fixture.js';
import { startTwoTenants, type TwoTenants } from './two-tenants.fixture.js';
import { withEitherWall } from './walls.fixture.js';

let tenants: TwoTenants;
let api: TenantApi;
let theirs: Tenant;
let own: Tenant;
let unknown: Things;

const recorder = recordStatements();
beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ api, theirs, own, unknown } = tenants);
});
afterAll(async () => {
  recorder.stop();
  await tenants?.stop();
});

const fieldsOf = (type: GraphQLObjectType | null | undefined) => type?.getFields() ?? {};

/** What an answer comes to: a refusal's code, null, an empty list, or something. */
function outcomeOf(answer: Answer, name: string): string {
  const [error] = answer.errors ?? [];
  if (error) return error.extensions?.code ?? error.message;
  const value = answer.data[name];
  const [refusal] = value?.userErrors ?? [];
  if (refusal) return refusal.code;
  if (value === null || (Array.isArray(value) && value.every((item) => item === null))) return 'null';
  const list = value.nodes ?? value.rows;
  return list?.length === 0 ? 'empty' : 'own';
}

const expectNothingOfOthers = (answer: unknown, asked: object = {}) =>
  expect(leaksBeyond(answer, asked, theirs)).toEqual([]);

function documentOf(kind: 'query' | 'mutation' | 'subscription', field: GraphQLField<unknown, unknown>, given: object) {
  const args = field.args.filter(({ name }) => name in given);
  const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const passed = args.map(({ name }) => `${name}: $${name}`).join(', ');
  const heads = args.length ? [`(${declared})`, `(${passed})`] : ['', ''];
  return `${kind}${heads[0]} { ${field.name}${heads[1]} ${belowOf(field.type)} }`;
}

const cases = (table: Record<string, Attempt[]>) =>
  Object.entries(table).flatMap(([name, attempts]) => attempts.map((each, index) => [name, index, each] as const));

describe('every operation has its case in test/tenants/operations.fixture.ts', () => {
  test.each([
    ['QUERIES', QUERIES, () => api.schema.getQueryType()],
    ['MUTATIONS', MUTATIONS, () => api.schema.getMutationType()],
    ['SUBSCRIPTIONS', SUBSCRIPTIONS, () => api.schema.getSubscriptionType()],
  ] as const)('%s', (_, table, type) => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(fieldsOf(type())).sort());
  });
});

withEitherWall(
  () => api.database,
  () => {
    describe('who knows the ids and names of another tenant', () => {
      let before: Rows;
      beforeAll(async () => {
        before = await rowsOf(api.database, theirs);
      });

      test.each(cases(QUERIES))('asks %s (%i) in vain', async (name, _, { arguments: args, outcome }) => {
        const field = fieldsOf(api.schema.getQueryType())[name]!;
        const ask = (things: Things, who = own.administrator) => {
          const given = args(things, own.things);
          return api.graphql(who, documentOf('query', field, given), given);
        };
        const asked = args(theirs.things, own.things);
        for (const who of [own.administrator, own.key]) {
          const [known, never] = [await ask(theirs.things, who), await ask(unknown, who)];
          expectNothingOfOthers(known, asked);
          if (who === own.administrator) expect(outcomeOf(known, name)).toBe(outcome);
          // Not even that it exists: the answer is that for what never was.
          expect(comparable(known, theirs.things)).toBe(comparable(never, unknown));
        }
      });

      test.each(cases(MUTATIONS))('does %s (%i) in vain', async (name, _, { arguments: args, outcome }) => {
        const field = fieldsOf(api.schema.getMutationType())[name]!;
        const act = (things: Things) => {
          const input = { idempotencyKey: newId('req'), ...args(things, own.things) };
          return api.graphql(own.administrator, documentOf('mutation', field, { input }), { input });
        };
        const [known, never] = [await act(theirs.things), await act(unknown)];
        expectNothingOfOthers(known, args(theirs.things, own.things));
        expect(outcomeOf(known, name)).toBe(outcome);
        if (outcome !== 'own') expect(comparable(known, theirs.things)).toBe(comparable(never, unknown));
      });

      test.each(cases(SUBSCRIPTIONS))(
        'subscribes to %s (%i) in vain',
        async (name, _, { arguments: args, outcome }) => {
          const field = fieldsOf(api.schema.getSubscriptionType())[name]!;
          const subscribe = (tenant: Tenant, things: Things) => {
            const given = Object.entries(args(things, own.things)).map(
              ([key, value]) => `${key}: ${JSON.stringify(value)}`,
            );
            const query = `subscription { ${name}(${given.join(', ')}) ${belowOf(field.type)} }`;
            return api.firstUpdate(tenant.key, query);
          };
          const [known, never] = [await subscribe(own, theirs.things), await subscribe(own, unknown)];
          expect(known.type).toBe('error');
          expectNothingOfOthers({ errors: known.payload }, args(theirs.things, own.things));
          expect(JSON.stringify(known.payload)).toContain(outcome);
          expect(blurred(JSON.stringify(known), theirs.things)).toBe(blurred(JSON.stringify(never), unknown));
          // The same, asked by whose it is, is answered.
          expect(await subscribe(theirs, theirs.things)).toMatchObject({
            type: 'next',
            payload: { data: expect.anything() },
          });
        },
      );

      test('has changed nothing of theirs', async () => {
        expect(await rowsOf(api.database, theirs)).toEqual(before);
      });

      const comparable = (answer: Answer, things: Things) => {
        // Where an error arose is left out: whether that is told depends on how often a query was asked.
        const told = JSON.stringify({
          data: answer.data,
          errors: answer.errors?.map(({ path: _, ...error }: Answer) => error),
        });
        return blurred(told, things);
      };
    });

    describe('who has no credentials', () => {
      const asks = (kind: 'query' | 'mutation', table: Record<string, Attempt[]>) =>
        Object.entries(table).map(([name, [attempt]]) => [kind, name, attempt!] as const);

      test.each([...asks('query', QUERIES), ...asks('mutation', MUTATIONS)])(
        'is refused the %s %s',
        async (kind, name, { arguments: args }) => {
          const type = kind === 'query' ? api.schema.getQueryType() : api.schema.getMutationType();
          const given = args(theirs.things, theirs.things);
          const variables = kind === 'query' ? given : { input: { idempotencyKey: newId('req'), ...given } };
          const answer = await api.graphql({}, documentOf(kind, fieldsOf(type)[name]!, variables), variables);
          expect(answer.data?.[name] ?? null).toBeNull();
          expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
        },
      );
    });

    describe('node and nodes', () => {
      const NODES = 'query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

      test('give every kind of thing to whom it belongs, and nothing to others', async () => {
        const kinds = Object.values(api.schema.getTypeMap())
          .filter((type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'))
          .map(({ name }) => name);
        const shown = new Set<string>();
        for (const id of theirs.ids) {
          const { node } = await api.ask(theirs.administrator, 'query($id: ID!) { node(id: $id) { __typename } }', {
            id,
          });
          if (node) shown.add(node.__typename);
          const answer = await api.graphql(own.administrator, 'query($id: ID!) { node(id: $id) { id } }', { id });
          expect([id, answer.data, answer.errors]).toEqual([id, { node: null }, undefined]);
        }
        // These are the lab's, for all: there is nothing of a tenant in them.
        const shared = ['License', 'ModelFamily', 'Recipe', 'TrainingRun'];
        expect([...shown, ...shared].sort()).toEqual(kinds.sort());
        const ids = [...theirs.ids];
        for (let from = 0; from < ids.length; from += 100) {
          const some = ids.slice(from, from + 100);
          for (const who of [own.administrator, own.key]) {
            expect((await api.ask(who, NODES, { ids: some })).nodes).toEqual(some.map(() => null));
          }
        }
      });
    });

    describe('everything that can be reached from the roots of the schema', () => {
      let ofOwn: Crawl;
      let ofTheirs: Crawl;
      beforeAll(async () => {
        ofOwn = await crawl(api, own.administrator);
        ofTheirs = await crawl(api, theirs.administrator);
      });

      test('holds nothing of another tenant', () => {
        for (const [query, answer] of ofOwn.answers) {
          expect([query, leaksOf(answer, theirs)]).toEqual([query, []]);
        }
      });

      test('holds all of one’s own, so that a leak would show', () => {
        const text = JSON.stringify([...ofTheirs.answers.values()]);
        const { email, deploymentName, variantName, openaiUpl, att, ...ids } = theirs.things;
        for (const [name, id] of Object.entries(ids)) expect([name, text.includes(id)]).toEqual([name, true]);
        for (const told of [email, deploymentName, variantName]) expect(text).toContain(told);
        expect(text).not.toContain(att);
        expect(leaksOf(text, theirs).length).toBeGreaterThan(50);
        expect(openaiUpl).toBeTruthy();
      });

      test('is asked for without an error', () => {
        const refused = [ofOwn, ofTheirs].flatMap(({ answers }) => [...answers].filter(([, { errors }]) => errors));
        // The partners of the lab and its cluster are for the lab.
        const expected = refused.filter(([query]) =>
          /^\{ (organizations|cluster(Attempts|Engines|Jobs|Load)|enginePool|partnerListings|programme)\b/.test(query),
        );
        expect(refused.map(([query, { errors }]) => [query, errors])).toEqual(
          expected.map(([query]) => [
            query,
            [expect.objectContaining({ extensions: { code: 'FORBIDDEN', inputPath: [] } })],
          ]),
        );
      });
    });
  },
);

test('every statement by which all of this was done says itself of which organization', async () => {
  expect(recorder.statements.size).toBeGreaterThan(100);
  expect(await unconfined(recorder.statements, api.database)).toEqual([]);
});
