import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import pg from 'pg';
import { LicenseService, ServiceStopService } from '#libs/contracts';
import { newId, sha256Hex } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type TestOrganization, testContract } from '#test/harness';
import type { GatewayConfig } from './config.js';
import { Tunnel } from './spec-support/tunnel.js';
import { eventually, GatewayWorld } from './spec-support/world.js';

let world: GatewayWorld;
let variant: { id: string; name: string };
let key: { id: string; secret: string };
const endings: Array<() => Promise<unknown>> = [];

beforeAll(async () => {
  world = await GatewayWorld.create();
  variant = await world.variant(world.partner);
  key = await world.key(world.partner);
});
afterEach(async () => {
  // Each test brings engines of its own.
  await world.asReconciler((tx) => tx.query(`UPDATE engines SET state = 'stopped'`));
  await Promise.all(endings.splice(0).map((end) => end()));
});
afterAll(() => world.close());

async function asOwner(): Promise<pg.Client> {
  const owner = new pg.Client(world.testing.urls.owner);
  await owner.connect();
  endings.push(() => owner.end());
  return owner;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A gateway of a test's own, and a call of it. */
async function start(overrides: Partial<GatewayConfig> = {}, options: { monotonicNow?: () => number } = {}) {
  const { gateway, origin } = await world.gateway(overrides, options);
  const call = (more: object = {}, { secret = key.secret, signal }: { secret?: string; signal?: AbortSignal } = {}) =>
    fetch(`${origin}/v1/chat/completions`, {
      method: 'POST',
      signal,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: variant.name, messages: [{ role: 'user', content: 'hi' }], ...more }),
    });
  return { gateway, origin, call };
}

async function codeOf(response: Response): Promise<[status: number, code: string]> {
  const { error } = (await response.json()) as { error: { code: string } };
  return [response.status, error.code];
}

describe('keys', () => {
  it('work and stop working within a second of their making and revocation', async () => {
    await world.engine([variant.id]);
    const { call } = await start();
    const made = await world.key(world.partner);
    await eventually(async () => expect((await call({}, made)).status).toBe(200), 1_000);
    await world.revokeKey(world.partner, made.id);
    await eventually(async () => expect(await codeOf(await call({}, made))).toEqual([401, 'invalid_api_key']), 1_000);
  });

  it('are held to their requests per minute', async () => {
    await world.engine([variant.id]);
    const { call } = await start();
    const limited = await world.key(world.partner, { requestsPerMinute: 2 });
    await eventually(async () => expect((await call({}, limited)).headers.get('x-ratelimit-limit-requests')).toBe('2'));
    const second = await call({}, limited);
    expect(second.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    const third = await call({}, limited);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(20);
    expect(await codeOf(third)).toEqual([429, 'rate_limit_exceeded']);
    // Another key has its own.
    expect((await call()).status).toBe(200);
  });

  it('are held to their tokens per minute, by what a call likely takes first and by what it took afterwards', async () => {
    const engine = await world.engine([variant.id]);
    const { call } = await start();
    const limited = await world.key(world.partner, { tokensPerMinute: 100 });
    engine.fake.tokenMilliseconds = 40;
    await eventually(async () => expect((await call({ model: 'none' }, limited)).status).toBe(404));
    const first = call({ max_tokens: 10 }, limited);
    await eventually(() => expect(engine.fake.requests).toHaveLength(1));
    // 90 more do not fit while ten are set aside, and the one that the text takes.
    const refused = await call({ max_tokens: 90 }, limited);
    expect(refused.headers.get('x-ratelimit-limit-tokens')).toBe('100');
    expect(await codeOf(refused)).toEqual([429, 'rate_limit_exceeded']);
    expect((await first).status).toBe(200);
    engine.fake.tokenMilliseconds = 0;
    const remaining = Number((await call({ max_tokens: 1 }, limited)).headers.get('x-ratelimit-remaining-tokens'));
    expect(remaining).toBeLessThan(100 - 10);
    expect(remaining).toBeGreaterThan(60);
  });
});

describe('a stop of inference', () => {
  const DUNNING = { kind: 'dunning', id: newId('req') } as const;
  const asSystem = <T>(work: (tx: Transaction) => Promise<T>) => {
    const { scope } = world.partner;
    return world.database.transaction({ ...scope, actor: { type: 'system', id: 'spec' } }, work);
  };
  async function stop(subjectId: string, services: readonly ['inference' | 'new_work'] = ['inference']) {
    const stops = new ServiceStopService(world.clock);
    const { organizationId } = world.partner;
    const why = { reason: 'invoice 7 is overdue', clause: 'payment within 30 days' };
    await asSystem((tx) => stops.stop(tx, { organizationId, subjectId, services, source: DUNNING, ...why }));
    return () => asSystem((tx) => stops.lift(tx, DUNNING));
  }

  it('refuses calls of the organization, the project or the key within a second, and none once it is lifted', async () => {
    const engine = await world.engine([variant.id]);
    const { call } = await start();
    await eventually(async () => expect((await call()).status).toBe(200));
    for (const subjectId of [world.partner.organizationId, world.partner.projectId, key.id]) {
      const lift = await stop(subjectId);
      await eventually(async () => expect((await call()).status).toBe(402), 1_000);
      const { length } = engine.fake.requests;
      const body = await (await call()).json();
      expect(body).toMatchObject({ error: { code: 'service_stopped', param: null, type: 'invalid_request_error' } });
      expect(JSON.stringify(body)).toContain('invoice 7 is overdue (payment within 30 days)');
      expect(engine.fake.requests).toHaveLength(length);
      await lift();
      await eventually(async () => expect((await call()).status).toBe(200), 1_000);
    }
  });

  it('lets answers under way go on, and concerns no other organization, key or service', async () => {
    const engine = await world.engine([variant.id]);
    const { call, gateway } = await start();
    await eventually(async () => expect((await call()).status).toBe(200));
    engine.fake.tokenMilliseconds = 30;
    const running = await call({ stream: true, max_tokens: 30 });
    const lift = await stop(key.id);
    await eventually(async () => expect(await codeOf(await call())).toEqual([402, 'service_stopped']));
    expect(await running.text()).toContain('[DONE]');
    engine.fake.tokenMilliseconds = 0;
    const another = await world.key(world.partner);
    await eventually(async () => expect((await call({}, another)).status).toBe(200));
    await lift();
    const version = gateway.feed.version;
    await stop(key.id, ['new_work']);
    await eventually(() => expect(gateway.feed.version).toBeGreaterThan(version));
    expect((await call()).status).toBe(200);
  });

  it('reaches a call that waits for its engine', async () => {
    const engine = await world.engine([variant.id]);
    await world.setEngineState(engine.id, 'starting');
    const { call } = await start();
    const waiting = call();
    await pause(100);
    const lift = await stop(world.partner.organizationId);
    expect(await codeOf(await waiting)).toEqual([402, 'service_stopped']);
    await lift();
  });
});

describe('a licence that has to be accepted', () => {
  const as = <T>({ scope }: TestOrganization, work: (tx: Transaction) => Promise<T>) =>
    world.database.transaction(scope, work);
  const licenses = () => new LicenseService(world.clock);
  // The name that the checkpoints of this world carry.
  const publish = (text: string, requiresAcceptance: boolean) =>
    as(world.lab, (tx) => licenses().publish(tx, { name: 'Apache-2.0', text, requiresAcceptance }));

  it('refuses calls within a second of its day until it is accepted, by name and version, and hides no model', async () => {
    const engine = await world.engine([variant.id]);
    const { call, origin } = await start();
    await eventually(async () => expect((await call()).status).toBe(200));
    const licenseId = await publish('Be kind.', true);
    await eventually(async () => expect((await call()).status).toBe(403), 1_000);
    const { length } = engine.fake.requests;
    const { error } = (await (await call()).json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('license_not_accepted');
    expect(error.message).toMatch(new RegExp(`licence Apache-2.0, whose version 1 holds since .*${licenseId}`));
    expect(engine.fake.requests).toHaveLength(length);
    const models = await fetch(`${origin}/v1/models`, { headers: { authorization: `Bearer ${key.secret}` } });
    expect(await models.text()).toContain(variant.name);
    await as(world.partner, (tx) => licenses().accept(tx, { licenseId, sha256: sha256Hex('Be kind.') }));
    await eventually(async () => expect((await call()).status).toBe(200), 1_000);
    // The lab needs nobody's licence; what no longer asks for acceptance binds nobody.
    await publish('Be kinder.', true);
    await eventually(async () => expect(await codeOf(await call())).toEqual([403, 'license_not_accepted']), 1_000);
    const ofLab = await world.key(world.lab);
    await eventually(async () => expect((await call({ model: world.base.id }, ofLab)).status).toBe(200));
    await publish('Do as you like.', false);
    await eventually(async () => expect((await call()).status).toBe(200), 1_000);
  });
});

describe('clauses and tags of use', () => {
  const tag = (column: 'export_classification' | 'compute_regions', value: unknown) =>
    world.database.transaction(world.lab.scope, (tx) =>
      tx.query(`UPDATE checkpoints SET ${column} = $2 WHERE id = $1`, [world.base.id, value]),
    );
  const within = (work: () => Promise<void>) => eventually(work, 1_000);

  it('refuse calls within a second of an amendment or a tag, and let them through again', async () => {
    await world.engine([variant.id]);
    const { call } = await start();
    await eventually(async () => expect((await call()).status).toBe(200));
    const contract = await testContract(world, { regions: ['us-east'] });
    await within(async () => expect((await call()).status).toBe(403));
    const { error } = (await (await call()).json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('region_not_allowed');
    expect(error.message).toContain(
      `us-east alone (the clause "regions" of version 1 of the contract Master agreement (${contract.id})), and this platform is in eu-central`,
    );
    await contract.amend({ regions: ['us-east', 'eu-central'] });
    await within(async () => expect((await call()).status).toBe(200));
    await tag('compute_regions', ['ap-south']);
    await within(async () => expect(await codeOf(await call())).toEqual([403, 'region_not_allowed']));
    await tag('compute_regions', ['eu-central']);
    await within(async () => expect((await call()).status).toBe(200));
    await tag('export_classification', '4E091');
    await within(async () => expect(await codeOf(await call())).toEqual([403, 'export_not_cleared']));
    await contract.amend({ exportClearances: ['4E091'] });
    await within(async () => expect((await call()).status).toBe(200));
    await tag('export_classification', null);
    await tag('compute_regions', []);
  });

  it('are not met where nobody said where the platform is', async () => {
    await world.engine([variant.id]);
    const { call } = await start({ region: null });
    await tag('compute_regions', ['eu-central']);
    await eventually(async () => expect(await codeOf(await call())).toEqual([403, 'region_not_allowed']));
    await tag('compute_regions', []);
    await eventually(async () => expect((await call()).status).toBe(200));
  });
});

describe('a model whose engine is cold', () => {
  it('is asked for, and the call is held without a byte until the engine is ready', async () => {
    const engine = await world.engine([variant.id]);
    await world.setEngineState(engine.id, 'starting');
    const { call } = await start();
    let answered = false;
    const response = call({ stream: true }).then((answer) => {
      answered = true;
      return answer;
    });
    await eventually(async () => {
      const rows = await world.asReconciler((tx) =>
        tx.query('SELECT * FROM model_demand WHERE checkpoint_id = $1', [variant.id]),
      );
      expect(rows).toMatchObject([{ base_checkpoint_id: world.base.id }]);
    });
    await pause(200);
    expect(answered).toBe(false);
    await world.setEngineState(engine.id, 'ready');
    const answer = await response;
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('[DONE]');
  });

  it('is told of by 503 engine_starting when it does not come in time', async () => {
    const { call } = await start({ engineWaitSeconds: 1 });
    const before = performance.now();
    const response = await call();
    expect(performance.now() - before).toBeGreaterThan(900);
    const retryAfter = Number(response.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(60);
    expect(await codeOf(response)).toEqual([503, 'engine_starting']);
  });

  it('holds a bounded number of calls, and forgets those whose caller goes away', async () => {
    const { call } = await start({ maxHeldCallsPerKey: 2, engineWaitSeconds: 10 });
    const controller = new AbortController();
    const held = [1, 2].map(() => call({}, { signal: controller.signal }).catch(() => 'gone'));
    await eventually(async () => expect(await codeOf(await call())).toEqual([503, 'too_many_waiting']));
    controller.abort();
    expect(await Promise.all(held)).toEqual(['gone', 'gone']);
    await world.engine([variant.id]);
    await eventually(async () => expect((await call()).status).toBe(200));
  });

  it('is not called while the special tokens of its tokenizer are unknown', async () => {
    const { testCheckpoint } = await import('#test/harness');
    const young = await testCheckpoint(world.testing, world.lab, { grantee: world.partner });
    const { call } = await start({ engineWaitSeconds: 1 });
    await eventually(async () =>
      expect(await codeOf(await call({ model: young.name }))).toEqual([503, 'engine_starting']),
    );
  });
});

describe('engines that fail', () => {
  /** Two of them, which the pool of today never has for one base. */
  async function twoEngines() {
    const owner = await asOwner();
    await owner.query('DROP INDEX IF EXISTS engines_of_base');
    return [await world.engine([variant.id]), await world.engine([variant.id])] as const;
  }

  it('before they answer are replaced by another, once', async () => {
    const [ill, well] = await twoEngines();
    const { call, gateway } = await start();
    await eventually(() => expect(gateway.feed.targetsOf(variant.id)).toHaveLength(2));
    ill.fake.trouble = 'reset';
    for (let count = 0; count < 4; count++) expect((await call()).status).toBe(200);
    expect(ill.fake.requests.length).toBeGreaterThan(0);
    // Distrusted after its failure, so not every call tries it first.
    expect(ill.fake.requests.length).toBeLessThan(4);
    well.fake.trouble = 'ill';
    expect(await codeOf(await call())).toEqual([502, 'engine_unavailable']);
    await eventually(async () =>
      expect((await world.usage(variant.name)).at(-1)).toMatchObject({
        state: 'settled',
        end_reason: 'refused',
        output_tokens: 0,
      }),
    );
  });

  it.each(['breaks_midway', 'error_event', 'ends_early'] as const)(
    'in mid-answer (%s) end it with an error, and bill what was delivered',
    async (trouble) => {
      const engine = await world.engine([variant.id]);
      const { call } = await start();
      await eventually(async () => expect((await call()).status).toBe(200));
      engine.fake.trouble = trouble;
      engine.fake.tokenMilliseconds = 10;
      const response = await call({ stream: true, max_tokens: 20 });
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).toContain(`${variant.id}#2 `);
      expect(text).toMatch(
        /data: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":"engine_failed_midway"\}\}\n\n$/,
      );
      await eventually(async () =>
        expect((await world.usage(variant.name)).at(-1)).toMatchObject({
          state: 'settled',
          end_reason: 'engine_failed',
          output_tokens: 3,
        }),
      );
      await world.setEngineState(engine.id, 'stopped');
    },
  );

  it('are waited for again when an adapter was just put away', async () => {
    const engine = await world.engine([variant.id]);
    const { call } = await start();
    await eventually(async () => expect((await call()).status).toBe(200));
    engine.fake.models.delete(variant.id);
    const response = call();
    await eventually(() => expect(engine.fake.requests.length).toBeGreaterThan(1));
    engine.fake.models.add(variant.id);
    expect((await response).status).toBe(200);
  });
});

describe('a switch of revisions', () => {
  it('fails no call, and each answer and its bill belong to one revision', async () => {
    const [first, second] = [await world.variant(world.partner), await world.variant(world.partner)];
    const engine = await world.engine([first.id, second.id]);
    engine.fake.tokenMilliseconds = 2;
    const deployment = await world.deployment(world.partner, 'switched', [first.id, second.id]);
    const { origin, call } = await start();
    await eventually(async () => expect((await call({ model: deployment.name })).status).toBe(200));
    const client = new OpenAI({ apiKey: key.secret, baseURL: `${origin}/v1`, maxRetries: 0 });
    const answers = new Map<string, string>();
    let switching = true;
    const caller = async () => {
      while (switching) {
        const stream = await client.chat.completions
          .create({ model: deployment.name, messages: [{ role: 'user', content: 'hi' }], stream: true, max_tokens: 30 })
          .withResponse();
        let text = '';
        for await (const event of stream.data) text += event.choices[0]?.delta.content ?? '';
        answers.set(stream.response.headers.get('x-request-id') as string, text);
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    for (let count = 1; count <= 20; count++) {
      await world.activate(world.partner, deployment.id, deployment.revisionIds[count % 2] as string);
      await pause(60);
    }
    switching = false;
    await Promise.all(callers);
    const textOf = ({ id }: { id: string }) =>
      Array.from({ length: 30 }, (_, position) => `${id}#${position} `).join('');
    const texts = new Map([
      [textOf(first), { revision_id: deployment.revisionIds[0], checkpoint_id: first.id }],
      [textOf(second), { revision_id: deployment.revisionIds[1], checkpoint_id: second.id }],
    ]);
    expect(new Set(answers.values())).toEqual(new Set(texts.keys()));
    await eventually(async () => {
      const rows = (await world.usage(deployment.name)).filter((row) => answers.has(row.source_id));
      expect(rows).toHaveLength(answers.size);
      for (const row of rows) {
        expect(row).toMatchObject({
          state: 'settled',
          output_tokens: 30,
          ...texts.get(answers.get(row.source_id) as string),
        });
      }
    });
  });

  it('leaves a paused deployment unanswered, and says so', async () => {
    await world.engine([variant.id]);
    const deployment = await world.deployment(world.partner, 'paused', [variant.id]);
    const { call } = await start();
    await world.setDeploymentState(world.partner, deployment.id, 'paused');
    await eventually(async () => {
      const response = await call({ model: deployment.name });
      expect(response.headers.get('x-should-retry')).toBe('false');
      expect(await codeOf(response)).toEqual([409, 'deployment_paused']);
    });
  });
});

describe('cut off from PostgreSQL', () => {
  const NOWHERE = 'postgres://nobody:x@127.0.0.1:9/none';
  const through = (tunnel: Tunnel) => ({
    databaseUrl: tunnel.leadingTo(world.testing.urls.gateway),
    intakeDatabaseUrl: tunnel.leadingTo(world.testing.urls.intake),
  });

  it('serves for a minute from what it knows, then nothing, and loses no usage', async () => {
    await world.engine([variant.id]);
    const tunnel = await Tunnel.to(world.testing.urls.gateway);
    endings.push(() => tunnel.close());
    let ahead = 0;
    const { call } = await start(through(tunnel), { monotonicNow: () => performance.now() + ahead });
    await eventually(async () => expect((await call()).status).toBe(200));
    tunnel.cut();
    const response = await call();
    const requestId = response.headers.get('x-request-id');
    expect(response.status).toBe(200);
    ahead = 58_000;
    expect((await call()).status).toBe(200);
    ahead = 61_000;
    const refused = await call();
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await codeOf(refused)).toEqual([503, 'gateway_cut_off']);
    const recorded = async () => (await world.usage(variant.name)).find(({ source_id }) => source_id === requestId);
    expect(await recorded()).toBeUndefined();
    tunnel.open();
    await eventually(async () => expect((await call()).status).toBe(200));
    await eventually(async () => expect(await recorded()).toMatchObject({ state: 'settled', output_tokens: 8 }));
  });

  it('by a network that is silent serves as well, once it no longer waits for the commit', async () => {
    await world.engine([variant.id]);
    const tunnel = await Tunnel.to(world.testing.urls.gateway);
    endings.push(() => tunnel.close());
    const { call } = await start(through(tunnel));
    await eventually(async () => expect((await call()).status).toBe(200));
    tunnel.silence();
    const response = await call();
    expect(response.status).toBe(200);
    tunnel.open();
    const requestId = response.headers.get('x-request-id');
    await eventually(async () =>
      expect((await world.usage(variant.name)).filter(({ source_id }) => source_id === requestId)).toMatchObject([
        { state: 'settled' },
      ]),
    );
  });

  it('refuses everything when it never was connected', async () => {
    const { call } = await start({ databaseUrl: NOWHERE, intakeDatabaseUrl: NOWHERE });
    expect(await codeOf(await call())).toEqual([503, 'gateway_cut_off']);
  });
});

describe('an engine that asks for a key', () => {
  it('is given the one that the platform has, never the caller’s', async () => {
    const engine = await world.engine([variant.id]);
    const { call } = await start({ engineApiKey: 'the key of all engines' });
    expect((await call()).status).toBe(200);
    expect(engine.fake.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer the key of all engines']);
  });
});

describe('the record of a call', () => {
  it('is durable before the first byte leaves', async () => {
    const engine = await world.engine([variant.id]);
    const { call } = await start();
    await eventually(async () => expect((await call()).status).toBe(200));
    const owner = await asOwner();
    await owner.query('BEGIN');
    await owner.query('LOCK TABLE usage_events IN EXCLUSIVE MODE');
    let answered = false;
    const { length } = engine.fake.requests;
    const response = call({ stream: true }).then((answer) => {
      answered = true;
      return answer;
    });
    await eventually(() => expect(engine.fake.requests.length).toBe(length + 1));
    await pause(500);
    expect(answered).toBe(false);
    await owner.query('COMMIT');
    expect((await response).status).toBe(200);
    await (await response).text();
  });
});
