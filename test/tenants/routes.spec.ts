import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database } from '#platform/database';
import { GATEWAY_ROUTES, HANDED_ON, OPEN_GATEWAY_ROUTES } from './gateway-routes.fixture.js';
import { blurred, leaksBeyond } from './leaks.fixture.js';
import { type PublicOrigin, startPublicOrigin } from './public-origin.fixture.js';
import { type RawAnswer, sendRaw } from './raw-http.fixture.js';
import { INTERNAL_ROUTES, OPEN_ROUTES, ROUTES, type RouteCase } from './routes.fixture.js';
import { PASSWORD, type Tenant, type Things } from './tenant.fixture.js';
import type { Credentials, TenantApi } from './tenant-api.fixture.js';
import { type Rows, rowsOf } from './tenant-rows.fixture.js';
import { startTwoTenants, type TwoTenants } from './two-tenants.fixture.js';
import { withEitherWall } from './walls.fixture.js';

let tenants: TwoTenants;
let api: TenantApi;
let gateway: PublicOrigin;
let theirs: Tenant;
let own: Tenant;
let unknown: Things;
let before: Rows;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ api, theirs, own, unknown } = tenants);
  gateway = await startPublicOrigin(api);
  before = await rowsOf(api.database, theirs);
});
afterAll(async () => {
  await gateway?.stop();
  await tenants?.stop();
});

const NOBODY: Credentials = {};
const cases = (table: Record<string, RouteCase[]>) =>
  Object.entries(table).flatMap(([name, attempts]) => attempts.map((each, index) => [name, index, each] as const));

interface Asking {
  origin: string;
  /** Of the route. */
  name: string;
  route: RouteCase;
  who: Credentials | (() => Promise<Credentials>);
  /** Instead of what the name says. */
  method?: string;
}

async function ask(
  { origin, name, route, who, method = name.split(' ')[0]! }: Asking,
  things: Things,
  self = own.things,
) {
  const { url, payload, headers } = route.request(things, self);
  const json = typeof payload === 'object';
  const type: Record<string, string> = json ? { 'content-type': 'application/json' } : {};
  const body = json ? JSON.stringify(payload) : payload;
  const credentials = typeof who === 'function' ? await who() : who;
  return sendRaw(origin, { method, path: url, headers: { ...type, ...credentials, ...headers }, body });
}

/** The answer tells nothing of the other tenant, not even that what was asked for exists. */
async function expectNothing(asking: Asking, status: number): Promise<RawAnswer> {
  const [known, never] = [await ask(asking, theirs.things), await ask(asking, unknown)];
  expect([known.status, never.status]).toEqual([status, status]);
  const asked = asking.route.request(theirs.things, own.things);
  expect(leaksBeyond(read(known.body), asked, theirs)).toEqual([]);
  expect(blurred(known.body, theirs.things)).toBe(blurred(never.body, unknown));
  return known;
}

function read(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** By key, by HEAD where a route is for GET, by session, and without credentials. */
async function expectNothingFor(asking: Omit<Asking, 'who'>, { open, session }: { open: boolean; session: number }) {
  const { name, route } = asking;
  await expectNothing({ ...asking, who: own.key }, route.status);
  if (name.startsWith('GET ')) {
    const { body } = await expectNothing({ ...asking, who: own.key, method: 'HEAD' }, route.status);
    expect(body).toBe('');
  }
  const signedOut = name === 'POST /auth/sign-out';
  const who = signedOut ? () => api.signIn(own.things.email, PASSWORD) : own.administrator;
  await expectNothing({ ...asking, who }, session);
  await expectNothing({ ...asking, who: NOBODY }, open ? route.status : 401);
}

describe('every route has its case', () => {
  test('of the api, in test/tenants/routes.fixture.ts', () => {
    expect(Object.keys(ROUTES).sort()).toEqual(api.routes);
  });

  test('of the listener for trainers, in test/tenants/routes.fixture.ts', () => {
    expect(Object.keys(INTERNAL_ROUTES).sort()).toEqual(api.internalRoutes);
  });

  test('of the gateway, in test/tenants/gateway-routes.fixture.ts', () => {
    const handedOn = gateway.routes.filter((name) => HANDED_ON.test(name));
    expect(handedOn).toContain('GET /*');
    expect(Object.keys(GATEWAY_ROUTES).sort()).toEqual(gateway.routes.filter((name) => !handedOn.includes(name)));
  });
});

withEitherWall(
  () => api.database,
  () => {
    describe.each(['api', 'public origin'] as const)('who knows ids of another tenant, at the %s,', (where) => {
      test.each(cases(ROUTES))('asks %s (%i) in vain', async (name, _, route) => {
        const origin = where === 'api' ? api.origin : gateway.origin;
        await expectNothingFor({ origin, name, route }, { open: name in OPEN_ROUTES, session: route.status });
      });
    });

    describe('who knows names of another tenant’s models, at the gateway,', () => {
      test.each(cases(GATEWAY_ROUTES))('asks %s (%i) in vain', async (name, _, route) => {
        const open = name in OPEN_GATEWAY_ROUTES;
        await expectNothingFor({ origin: gateway.origin, name, route }, { open, session: open ? route.status : 401 });
      });

      test('does not make their engines start', async () => {
        const demand = api
          .get(Database)
          .as('reconciler', (tx) =>
            tx.query('SELECT checkpoint_id FROM model_demand WHERE checkpoint_id = $1', [theirs.things.ckpt]),
          );
        expect(await demand).toEqual([]);
      });
    });

    describe('who knows an attempt of another tenant, at the listener for trainers,', () => {
      test.each(cases(INTERNAL_ROUTES))('asks %s (%i) in vain', async (name, _, route) => {
        const attempt = { authorization: `Bearer ${own.attempt.token}` };
        for (const who of [NOBODY, own.key, own.administrator, attempt]) {
          await expectNothing({ origin: api.internalOrigin, name, route, who }, route.status);
        }
      });

      test.each(Object.keys(INTERNAL_ROUTES).filter((name) => !(name in OPEN_ROUTES)))(
        'finds no %s at the public origin, with an attempt’s own token either',
        async (name) => {
          const who = { authorization: `Bearer ${own.attempt.token}` };
          for (const origin of [api.origin, gateway.origin]) {
            for (const route of INTERNAL_ROUTES[name]!) {
              const { status } = await ask({ origin, name, route, who }, own.things);
              expect(status).toBe(404);
            }
          }
        },
      );
    });

    test('nothing of the other tenant was changed', async () => {
      expect(await rowsOf(api.database, theirs)).toEqual(before);
    });
  },
);

describe('the same, asked by whose it is,', () => {
  const refused = (table: Record<string, RouteCase[]>) =>
    cases(table).filter(([name, , { status }]) => status >= 400 && !(name in OPEN_ROUTES));

  test.each(refused(ROUTES))('is answered otherwise: %s (%i)', async (name, _, route) => {
    const asking = { origin: api.origin, name, route };
    const refusal = await ask({ ...asking, who: own.key }, theirs.things);
    const answer = await ask({ ...asking, who: theirs.key }, theirs.things, theirs.things);
    expect([answer.status, answer.body]).not.toEqual([refusal.status, refusal.body]);
  });

  test('is given the PDF of its invoice, which is on the audit log', async () => {
    const name = 'GET /v1/invoices/:id/pdf';
    const asking = { origin: gateway.origin, name, route: ROUTES[name]![0]!, who: theirs.key };
    const { status, body } = await ask(asking, theirs.things, theirs.things);
    expect([status, body.slice(0, 5), body.trimEnd().slice(-5)]).toEqual([200, '%PDF-', '%%EOF']);
    const query = 'query($id: String) { auditLog(targetId: $id) { nodes { action outcome } } }';
    const { auditLog } = await api.ask(theirs.administrator, query, { id: theirs.things.finalInv });
    expect(auditLog.nodes).toContainEqual({ action: 'fetchInvoicePdf', outcome: 'DONE' });
  });

  test('is answered by the gateway: no engine is there, which only those hear who may call the model', async () => {
    const asked = refused(GATEWAY_ROUTES).filter(([, , { status }]) => status !== 400);
    const statuses = asked.map(async ([name, index, route]) => {
      const answer = await ask({ origin: gateway.origin, name, route, who: theirs.key }, theirs.things, theirs.things);
      return [name, index, answer.status];
    });
    const expected = asked.map(([name, index]) => [name, index, name.startsWith('GET ') ? 200 : 503]);
    expect(await Promise.all(statuses)).toEqual(expected);
  });

  test.each(cases(INTERNAL_ROUTES))('is answered: %s (%i)', async (name, _, route) => {
    const token = name.includes('/leases') ? api.environment['GATEWAY_TOKEN'] : theirs.attempt.token;
    const who = { authorization: `Bearer ${token}` };
    const { status } = await ask({ origin: api.internalOrigin, name, route, who }, theirs.things);
    expect([200, 204]).toContain(status);
  });
});
