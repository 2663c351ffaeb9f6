import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { IdentityGraphqlModule } from '#libs/identity/graphql';
import { newId, systemClock } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import {
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testDatabase,
  testOrganization,
  testStore,
} from '#test/harness';
import { recordHost } from '../jobs/engine-pool.repository.js';
import { publishTestModel, type TestModel } from '../test-model.fixture.js';
import { DeploymentsGraphqlModule } from './index.js';

const GIBIBYTE = 1024 ** 3;
const ENGINES = `query($live: Boolean) { clusterEngines(live: $live) { nodes { id state host isOperated memoryBytes lastError
  runningRequests baseCheckpoint { id } adapters { checkpointId state lastError organization { id } } } } }`;
const POOL = '{ enginePool { engines ready memoryBytes hosts { name memoryBudgetBytes maxEngines } } }';

describe('engines, as operators see them', () => {
  let graphql: TestGraphql;
  let testing: TestDatabase;
  let lab: TestOrganization;
  let partner: TestOrganization;
  let model: TestModel;
  let ready: string;
  let failed: string;
  const store = new ObjectStore(testStore());
  const now = systemClock.now();

  beforeAll(async () => {
    testing = await testDatabase();
    lab = await testOrganization(testing, 'lab');
    partner = await testOrganization(testing);
    graphql = await TestGraphql.start(testing, [IdentityGraphqlModule, CatalogGraphqlModule, DeploymentsGraphqlModule]);
    model = await publishTestModel(testing, store, { lab, partner });
    failed = await engine('failed', new Date(now.getTime() - 60_000));
    ready = await engine('ready', now);
    await reconcile(
      `INSERT INTO engine_adapters (engine_id, checkpoint_id, state, last_error) VALUES ($1, $2, 'failed', 'rank')`,
      [ready, model.adapterId],
    );
    await recordCall();
  });
  afterAll(async () => {
    await graphql?.stop();
    await testing?.drop();
    store.close();
  });

  const reconcile = (sql: string, parameters: unknown[]) =>
    graphql.get(Database).as('reconciler', (tx) => tx.query(sql, parameters));

  async function engine(state: string, createdAt: Date): Promise<string> {
    const id = newId('eng');
    await reconcile(
      `INSERT INTO engines (id, base_checkpoint_id, managed_by, host, state, url, memory_bytes, max_adapters, last_error,
         observed_at, created_at, ended_at)
       VALUES ($1, $2, 'pool', 'north', $3, 'http://engine', $4, 4, 'out of memory', $5, $5, $6)`,
      [id, model.baseId, state, GIBIBYTE, createdAt, state === 'failed' ? createdAt : null],
    );
    return id;
  }

  /** A partner's call that is under way. */
  async function recordCall(): Promise<void> {
    const gateway = new pg.Client(testing.urls.gateway);
    await gateway.connect();
    await gateway.query(
      `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, model, checkpoint_id, base_checkpoint_id,
         family_id, admitted_at) VALUES ($1, $2, $3, 'inference', $1, 'admitted', 'm', $4, $5, $6, $7)`,
      [newId('use'), partner.organizationId, partner.projectId, model.adapterId, model.baseId, model.familyId, now],
    );
    await gateway.end();
  }

  it('have their adapters, whosever they are, their errors, and the calls under way', async () => {
    const { clusterEngines } = await graphql.ask(graphql.caller(lab), ENGINES);
    expect(clusterEngines.nodes).toMatchObject([{ id: ready }, { id: failed, state: 'FAILED', runningRequests: 0 }]);
    expect(clusterEngines.nodes[0]).toEqual({
      id: ready,
      state: 'READY',
      host: 'north',
      isOperated: false,
      memoryBytes: String(GIBIBYTE),
      lastError: 'out of memory',
      runningRequests: 1,
      baseCheckpoint: { id: model.baseId },
      adapters: [
        {
          checkpointId: model.adapterId,
          state: 'FAILED',
          lastError: 'rank',
          organization: { id: partner.organizationId },
        },
      ],
    });
  });

  it.each([
    [true, () => [ready]],
    [false, () => [failed]],
  ])('are shown by whether they live: %s', async (live, expected) => {
    const { clusterEngines } = await graphql.ask(graphql.caller(lab), ENGINES, { live });
    expect(clusterEngines.nodes.map(({ id }: { id: string }) => id)).toEqual(expected());
  });

  it('are summed up against what machines may use that were heard of', async () => {
    const limits = { memoryBudgetBytes: 8 * GIBIBYTE, maxEngines: 3 };
    const tell = (name: string, at: Date) =>
      graphql.get(Database).as('reconciler', (tx) => recordHost(tx, { name, limits, now: at }));
    await tell('silent', new Date(now.getTime() - 120_000));
    await tell('north', now);
    await tell('north', now);
    const { enginePool } = await graphql.ask(graphql.caller(lab), POOL);
    expect(enginePool).toEqual({
      engines: 1,
      ready: 1,
      memoryBytes: String(GIBIBYTE),
      hosts: [{ name: 'north', memoryBudgetBytes: String(8 * GIBIBYTE), maxEngines: 3 }],
    });
  });

  it.each([ENGINES, POOL])('are nothing for partners, nor for others of the lab: %s', async (query) => {
    for (const who of [graphql.caller(partner), graphql.caller(lab, ['deployments:read', 'catalog:read'])]) {
      await expect(graphql.ask(who, query)).rejects.toThrow(/FORBIDDEN/);
    }
    const asPartner = await graphql
      .get(Database)
      .read(partner.scope, (tx) => tx.query('SELECT name FROM engine_hosts'));
    expect(asPartner).toEqual([]);
  });
});
