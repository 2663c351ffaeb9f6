import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { WebSocket } from 'undici';
import { RetirementService } from '#libs/catalog';
import { RunningWork } from '#libs/contracts';
import { newId, systemClock } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import {
  stopNewWork,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testDatabase,
  testOrganization,
  testStore,
} from '#test/harness';
import { publishTestModel, type TestModel } from '../test-model.fixture.js';
import { DeploymentsGraphqlModule } from './index.js';

const ANSWER = `deployment { id name status activeRevision { number checkpointName isActive } } revision { id number }`;
interface Payload {
  deployment: {
    id: string;
    name: string;
    status: string;
    activeRevision: { number: number; checkpointName: string };
  } | null;
  revision: { id: string; number: number } | null;
  userErrors: Array<{ code: string; path: string[] }>;
}

describe('deployments', () => {
  let graphql: TestGraphql;
  let address: string;
  let testing: TestDatabase;
  let gateway: pg.Client;
  let lab: TestOrganization;
  let partner: TestOrganization;
  let other: TestOrganization;
  let model: TestModel;
  let callers: Record<'lab' | 'partner' | 'other' | 'viewer' | 'elsewhere', string>;
  const store = new ObjectStore(testStore());

  beforeAll(async () => {
    testing = await testDatabase();
    lab = await testOrganization(testing, 'lab');
    partner = await testOrganization(testing);
    other = await testOrganization(testing);
    graphql = await TestGraphql.start(testing, [DeploymentsGraphqlModule]);
    const both = ['deployments:read', 'deployments:write'] as const;
    callers = {
      lab: graphql.caller(lab, both),
      partner: graphql.caller(partner, both),
      other: graphql.caller(other, both),
      viewer: graphql.caller(partner, ['deployments:read']),
      elsewhere: graphql.caller(partner, both, [newId('proj')]),
    };
    const fastify = graphql.get(HttpAdapterHost).httpAdapter.getInstance<FastifyInstance>();
    address = (await fastify.listen({ port: 0, host: '127.0.0.1' })).replace('http', 'ws');
    gateway = new pg.Client({ connectionString: testing.urls.gateway });
    await gateway.connect();
  });
  afterAll(async () => {
    await gateway?.end();
    await graphql?.stop();
    await testing?.drop();
    store.close();
  });
  beforeEach(async () => {
    model = await publishTestModel(testing, store, { lab, partner });
  });

  type Caller = keyof typeof callers;
  const ask = (text: string, caller: Caller = 'partner') => graphql.ask(callers[caller], text);

  function mutate(name: string, input: object, caller: Caller = 'partner'): Promise<Payload> {
    const own = ['createDeployment', 'deployRevision', 'activateRevision'].includes(name);
    return graphql.mutate(callers[caller], name, input, ANSWER, own ? undefined : 'DeploymentInput');
  }

  const slug = () => `s-${newId('req').slice(-20)}`;
  const create = (checkpoint: string, change: object = {}, caller: Caller = 'partner') =>
    mutate('createDeployment', { projectId: partner.projectId, slug: slug(), checkpoint, ...change }, caller);
  async function created(
    checkpoint = model.adapterId,
  ): Promise<{ deploymentId: string; revisionId: string; name: string }> {
    const { deployment, revision } = await create(checkpoint);
    return { deploymentId: deployment!.id, revisionId: revision!.id, name: deployment!.name };
  }
  const route = async (id: string) => (await gateway.query('SELECT * FROM gateway_routes WHERE id = $1', [id])).rows[0];

  it('answer under a stable name, which the gateway hears of', async () => {
    await gateway.query('LISTEN gateway_snapshot');
    const notices: string[] = [];
    gateway.on('notification', ({ payload }) => notices.push(payload!));
    const { deployment, revision, userErrors } = await create(model.adapterName, { slug: 'ada-to-rust' });
    expect(userErrors).toEqual([]);
    expect(deployment).toMatchObject({
      name: 'project/ada-to-rust',
      status: 'ACTIVE',
      activeRevision: { number: 1, isActive: true },
    });
    expect(await route(deployment!.id)).toMatchObject({
      name: 'project/ada-to-rust',
      kind: 'deployment',
      state: 'active',
      organization_id: partner.organizationId,
      project_id: partner.projectId,
      family_organization_id: lab.organizationId,
      revision_id: revision!.id,
      revision_number: 1,
      checkpoint_id: model.adapterId,
      adapter_checkpoint_id: model.adapterId,
      base_checkpoint_id: model.baseId,
      context_length: 512,
    });
    expect(notices).toContain('routes');
    await gateway.query('UNLISTEN gateway_snapshot');
  });

  it('switch to a new revision, to one that is there, and back', async () => {
    const { deploymentId, revisionId: first } = await created(model.baseId);
    const second = await mutate('deployRevision', { deploymentId, checkpoint: model.adapterId });
    expect(second.deployment!.activeRevision).toMatchObject({ number: 2, checkpointName: model.adapterName });
    const third = await mutate('deployRevision', { deploymentId, checkpoint: model.other, activate: false });
    expect(third.revision!.number).toBe(3);
    expect(third.deployment!.activeRevision.number).toBe(2);
    await mutate('activateRevision', { deploymentId, revisionId: third.revision!.id });
    expect(await route(deploymentId)).toMatchObject({ revision_number: 3, checkpoint_id: model.other });

    // Back, and further back: not to and fro.
    expect((await mutate('rollBackDeployment', { deploymentId })).revision!.number).toBe(2);
    expect((await mutate('rollBackDeployment', { deploymentId })).revision!.id).toBe(first);
    expect((await mutate('rollBackDeployment', { deploymentId })).userErrors).toMatchObject([
      { code: 'NO_EARLIER_REVISION' },
    ]);
    await mutate('activateRevision', { deploymentId, revisionId: second.revision!.id });
    expect((await mutate('rollBackDeployment', { deploymentId })).revision!.id).toBe(first);
  });

  it('keep a history that nobody can rewrite', async () => {
    const { deploymentId, revisionId } = await created();
    const owner = new pg.Client({ connectionString: testing.urls.owner });
    await owner.connect();
    for (const sql of [
      `UPDATE deployment_revisions SET checkpoint_id = 'x' WHERE id = '${revisionId}'`,
      `DELETE FROM deployment_revisions WHERE id = '${revisionId}'`,
      `DELETE FROM deployment_activations WHERE deployment_id = '${deploymentId}'`,
    ]) {
      // Whoever owns the table is bound by its policies; a superuser by the trigger.
      const done = await owner.query(sql).then(
        (result) => result.rowCount,
        (error: Error) => error.message,
      );
      expect([
        0,
        'rows of deployment_revisions are never changed',
        'rows of deployment_activations are never changed',
      ]).toContain(done);
    }
    await owner.end();
    const data = await ask(`{ node(id: "${revisionId}") { ... on DeploymentRevision { number checkpointId } } }`);
    expect(data.node).toEqual({ number: 1, checkpointId: model.adapterId });
  });

  it('are paused, resumed and deleted, and a deleted one’s name is free again', async () => {
    const { deploymentId, name } = await created();
    expect((await mutate('pauseDeployment', { deploymentId })).deployment!.status).toBe('PAUSED');
    expect(await route(deploymentId)).toMatchObject({ state: 'paused' });
    expect((await mutate('pauseDeployment', { deploymentId })).userErrors).toMatchObject([
      { code: 'INVALID_TRANSITION' },
    ]);
    expect((await mutate('resumeDeployment', { deploymentId })).deployment!.status).toBe('ACTIVE');
    expect((await mutate('deleteDeployment', { deploymentId })).deployment!.status).toBe('DELETED');
    expect(await route(deploymentId)).toBeUndefined();
    expect((await mutate('resumeDeployment', { deploymentId })).userErrors).toMatchObject([
      { code: 'DEPLOYMENT_NOT_FOUND' },
    ]);
    const again = await create(model.adapterId, { slug: name.split('/')[1] });
    expect(again.deployment!.name).toBe(name);
  });

  it('refuse what may not be, each with its code', async () => {
    const { name } = await created();
    const codes = async (answer: Promise<Payload>) => (await answer).userErrors.map(({ code }) => code);
    expect(await codes(create(model.adapterId, { slug: name.split('/')[1] }))).toEqual(['DEPLOYMENT_SLUG_TAKEN']);
    for (const bad of ['', 'Upper', '-a', 'a/b', 'a'.repeat(64)]) {
      expect(await codes(create(model.adapterId, { slug: bad }))).toEqual(['DEPLOYMENT_SLUG_INVALID']);
    }
    expect(await codes(create(newId('ckpt')))).toEqual(['CHECKPOINT_NOT_FOUND']);
    expect(await codes(create(model.adapterId, { projectId: other.projectId }))).toEqual(['PROJECT_NOT_FOUND']);
    expect(await codes(create(model.adapterId, {}, 'viewer'))).toEqual(['FORBIDDEN']);
    const { deploymentId, revisionId } = await created();
    const foreign = await created();
    expect(await codes(mutate('activateRevision', { deploymentId, revisionId }))).toEqual(['REVISION_IS_ACTIVE']);
    expect(await codes(mutate('activateRevision', { deploymentId, revisionId: foreign.revisionId }))).toEqual([
      'REVISION_NOT_FOUND',
    ]);
  });

  it('need the entitlement to deploy, when they are made and when they are switched', async () => {
    const unentitled = await publishTestModel(testing, store, { lab, partner, entitled: false });
    expect((await create(unentitled.adapterId)).userErrors).toMatchObject([{ code: 'NOT_ENTITLED' }]);
    const { deploymentId } = await created(model.baseId);
    await mutate('deployRevision', { deploymentId, checkpoint: model.adapterId });
    await asLab(
      `UPDATE entitlements SET revoked_at = $1, revoked_by = 'test', revocation_reason = 'over' WHERE subject_family_id = $2`,
      [systemClock.now(), model.familyId],
    );
    const refused = await mutate('deployRevision', { deploymentId, checkpoint: model.other });
    expect(refused.userErrors).toMatchObject([{ code: 'NOT_ENTITLED' }]);
    // The base itself is not even visible any more.
    expect((await mutate('rollBackDeployment', { deploymentId })).userErrors).toMatchObject([
      { code: 'CHECKPOINT_NOT_FOUND' },
    ]);
    expect((await gateway.query('SELECT 1 FROM gateway_grants WHERE family_id = $1', [model.familyId])).rowCount).toBe(
      0,
    );
  });

  it('take no new revision and are not resumed while new work is stopped; a switch back is always possible', async () => {
    const { deploymentId } = await created(model.baseId);
    await mutate('deployRevision', { deploymentId, checkpoint: model.adapterId });
    const counted = (who: TestOrganization) =>
      graphql.get(Database).read(who.scope, (tx) => graphql.get(RunningWork).of(tx, partner.organizationId));
    const answering = (await counted(lab))[0]!.count;
    await created(model.baseId);
    expect(await counted(lab)).toEqual([{ what: 'deployments', count: answering + 1 }]);
    expect(await counted(other)).toEqual([]);
    const lift = await stopNewWork(graphql, partner);
    const deployed = [create(model.adapterId), mutate('deployRevision', { deploymentId, checkpoint: model.adapterId })];
    for (const { userErrors } of await Promise.all(deployed))
      expect(userErrors).toMatchObject([{ code: 'SERVICE_STOPPED' }]);
    expect((await mutate('rollBackDeployment', { deploymentId })).userErrors).toEqual([]);
    await mutate('pauseDeployment', { deploymentId });
    expect((await mutate('resumeDeployment', { deploymentId })).userErrors).toMatchObject([
      { code: 'SERVICE_STOPPED' },
    ]);
    await lift();
    expect((await mutate('resumeDeployment', { deploymentId })).userErrors).toEqual([]);
  });

  async function asLab(sql: string, parameters: unknown[]): Promise<void> {
    const client = new pg.Client({ connectionString: testing.urls.app });
    await client.connect();
    await client.query(
      `SELECT set_config('app.organization_id', $1, false), set_config('app.scope_kind', 'lab', false)`,
      [lab.organizationId],
    );
    await client.query(sql, parameters);
    await client.end();
  }

  it('never serve an adapter with another tokenizer or template than it was trained with', async () => {
    const sha256 = 'a'.repeat(64);
    const tokenizer = await publishTestModel(testing, store, { lab, partner, adapter: { tokenizerSha256: sha256 } });
    expect((await create(tokenizer.adapterId)).userErrors).toMatchObject([
      { code: 'TOKENIZER_DIFFERS', path: ['checkpoint'] },
    ]);
    const template = await publishTestModel(testing, store, { lab, partner, adapter: { templateSha256: sha256 } });
    expect((await create(template.adapterId)).userErrors).toMatchObject([
      { code: 'TEMPLATE_DIFFERS', path: ['checkpoint'] },
    ]);
  });

  it('are nobody else’s to see or to touch', async () => {
    const { deploymentId, revisionId, name } = await created();
    const read = `{ deployment(name: "${name}") { id } dep: node(id: "${deploymentId}") { id } rev: node(id: "${revisionId}") { id } deployments { nodes { id } } }`;
    const nothing = { deployment: null, dep: null, rev: null, deployments: { nodes: [] } };
    for (const caller of ['other', 'lab', 'elsewhere'] as const) {
      expect(await ask(read, caller)).toEqual(nothing);
      for (const mutation of ['rollBackDeployment', 'pauseDeployment', 'deleteDeployment']) {
        expect((await mutate(mutation, { deploymentId }, caller)).userErrors).toMatchObject([
          { code: 'DEPLOYMENT_NOT_FOUND' },
        ]);
      }
      expect(
        (await mutate('deployRevision', { deploymentId, checkpoint: model.baseId }, caller)).userErrors,
      ).toMatchObject([{ code: 'DEPLOYMENT_NOT_FOUND' }]);
    }
    expect((await ask(read, 'viewer')).deployment).toEqual({ id: deploymentId });
  });

  it('are counted where the base below them is to be retired, by the lab and nobody else', async () => {
    await created();
    await created(model.baseId);
    const impact = ({ scope }: TestOrganization) =>
      graphql.get(Database).read(scope, (tx) => graphql.get(RetirementService).impact(tx, model.baseId));
    const { affected } = await impact(lab);
    expect(affected).toContainEqual({ organizationId: partner.organizationId, what: 'deployments', count: 2 });
    await expect(impact(other)).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
  });

  it('tell how soon they answer', async () => {
    const { deploymentId } = await created();
    const serving = async () =>
      (await ask(`{ node(id: "${deploymentId}") { ... on Deployment { serving { state secondsUntilReady } } } }`)).node
        .serving;
    expect(await serving()).toMatchObject({ state: 'COLD' });
    const engine = await engineIn('starting', model.baseId);
    expect(await serving()).toMatchObject({ state: 'STARTING' });
    await reconcile(`UPDATE engines SET state = 'ready', ready_at = created_at + interval '7 seconds' WHERE id = $1`, [
      engine,
    ]);
    expect(await serving()).toEqual({ state: 'COLD', secondsUntilReady: 1 });
    await reconcile(`INSERT INTO engine_adapters (engine_id, checkpoint_id, state) VALUES ($1, $2, 'ready')`, [
      engine,
      model.adapterId,
    ]);
    expect(await serving()).toEqual({ state: 'READY', secondsUntilReady: 0 });
    await reconcile(`UPDATE engines SET state = 'failed', retry_at = $2, ended_at = $2 WHERE id = $1`, [
      engine,
      new Date(systemClock.now().getTime() + 60_000),
    ]);
    expect(await serving()).toMatchObject({ state: 'FAILED' });
    const hidden = ask(`{ servingStatus(checkpoint: "${model.adapterId}") { state } }`, 'other');
    await expect(hidden).rejects.toThrow('CHECKPOINT_NOT_FOUND');
  });

  const reconcile = (sql: string, parameters: unknown[]) =>
    graphql.get(Database).as('reconciler', (tx) => tx.query(sql, parameters));
  async function engineIn(state: string, base: string): Promise<string> {
    const id = newId('eng');
    await reconcile(
      `INSERT INTO engines (id, base_checkpoint_id, managed_by, host, state, url, memory_bytes, max_adapters, observed_at, created_at)
       VALUES ($1, $2, 'pool', 'test', $3, 'http://engine', 0, 4, $4, $4)`,
      [id, base, state, systemClock.now()],
    );
    return id;
  }

  it('are watched: every switch is shown, and when an engine is ready', async () => {
    const { deploymentId } = await created(model.baseId);
    const watch = await subscribe(deploymentId, 'partner');
    expect(await watch.next()).toEqual({ status: 'ACTIVE', activeRevision: { number: 1 }, serving: { state: 'COLD' } });
    await mutate('deployRevision', { deploymentId, checkpoint: model.adapterId });
    expect(await watch.next()).toMatchObject({ activeRevision: { number: 2 } });
    const engine = await engineIn('starting', model.baseId);
    expect(await watch.next()).toMatchObject({ serving: { state: 'STARTING' } });
    await reconcile(`INSERT INTO engine_adapters (engine_id, checkpoint_id, state) VALUES ($1, $2, 'ready')`, [
      engine,
      model.adapterId,
    ]);
    await reconcile(`UPDATE engines SET state = 'ready', ready_at = created_at WHERE id = $1`, [engine]);
    expect(await watch.next()).toMatchObject({ serving: { state: 'READY' } });
    await mutate('deleteDeployment', { deploymentId });
    expect(await watch.next()).toMatchObject({ status: 'DELETED', serving: null });
    expect(await watch.next()).toBe('complete');
    watch.close();
  });

  it('are not watched by others', async () => {
    const { deploymentId } = await created();
    const watch = await subscribe(deploymentId, 'other');
    expect(await watch.next()).toContain('There is no deployment');
    watch.close();
  });

  /** By the graphql-transport-ws protocol, with what every client sends and nothing else. */
  async function subscribe(deploymentId: string, caller: Caller) {
    const options = { protocols: 'graphql-transport-ws', headers: { who: callers[caller] } };
    const socket = new WebSocket(`${address}/graphql`, options);
    const messages: Array<{ type: string; payload: unknown }> = [];
    let wake = () => {};
    socket.addEventListener('message', ({ data }) => {
      messages.push(JSON.parse(String(data)));
      wake();
    });
    await new Promise((open) => socket.addEventListener('open', open, { once: true }));
    const send = (message: object) => socket.send(JSON.stringify(message));
    const receive = async () => {
      while (messages.length === 0)
        await new Promise<void>((woken) => {
          wake = woken;
        });
      return messages.shift()!;
    };
    send({ type: 'connection_init' });
    expect((await receive()).type).toBe('connection_ack');
    const text = `subscription { deploymentChanged(deploymentId: "${deploymentId}") { status activeRevision { number } serving { state } } }`;
    send({ id: '1', type: 'subscribe', payload: { query: text } });
    return {
      /** The next state, the message of an error, or that there is no more. */
      next: async (): Promise<unknown> => {
        const { type, payload } = await receive();
        if (type === 'complete') return type;
        if (type === 'error') return (payload as Array<{ message: string }>)[0]!.message;
        return (payload as { data: { deploymentChanged: object } }).data.deploymentChanged;
      },
      close: () => socket.close(),
    };
  }
});
