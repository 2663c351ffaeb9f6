import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { newId, systemClock } from '#libs/kernel';
import { Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import {
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testDatabase,
  testOrganization,
  testStore,
} from '#test/harness';
import { publishTestModel, type TestModel } from '../test-model.fixture.js';
import { DeploymentsGraphqlModule } from './index.js';

const HOUR_MILLISECONDS = 3_600_000;
const now = systemClock.now();
const range = { from: new Date(now.getTime() - HOUR_MILLISECONDS), to: new Date(now.getTime() + 1) };
const STATISTICS = `query($from: DateTime!, $to: DateTime!) { deployments { nodes { slug statistics(from: $from, to: $to) {
  bucketSeconds total { requests inputTokens cachedInputTokens outputTokens latencySeconds { p50 } firstTokenSeconds { p50 } outputTokensPerSecond }
  buckets { from traffic { requests } } revisions { revisionId revision { number } traffic { requests } } } } } }`;

describe('statistics of deployments', () => {
  let graphql: TestGraphql;
  let testing: TestDatabase;
  let partner: TestOrganization;
  let model: TestModel;
  const store = new ObjectStore(testStore());

  beforeAll(async () => {
    testing = await testDatabase();
    const lab = await testOrganization(testing, 'lab');
    partner = await testOrganization(testing);
    graphql = await TestGraphql.start(testing, [DeploymentsGraphqlModule]);
    model = await publishTestModel(testing, store, { lab, partner });
    for (const slug of ['called', 'quiet']) await deploy(slug);
  });
  afterAll(async () => {
    await graphql?.stop();
    await testing?.drop();
    store.close();
  });

  async function deploy(slug: string): Promise<void> {
    const input = { projectId: partner.projectId, slug, checkpoint: model.adapterId };
    const selection = 'deployment { id } revision { id }';
    const made = await graphql.mutate(graphql.caller(partner), 'createDeployment', input, selection);
    if (slug === 'called') await recordCall(made.deployment.id, made.revision.id);
  }

  /** Half a second to its first token, two to its end. */
  async function recordCall(deploymentId: string, revisionId: string): Promise<void> {
    const gateway = new pg.Client(testing.urls.gateway);
    await gateway.connect();
    const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
    const { organizationId, projectId } = partner;
    const id = newId('use');
    await gateway.query(
      `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, model, checkpoint_id, base_checkpoint_id,
         family_id, deployment_id, revision_id, admitted_at)
       VALUES ($1, $2, $3, 'inference', $1, 'admitted', 'm', $4, $5, $6, $7, $8, $9)`,
      [id, organizationId, projectId, model.adapterId, model.baseId, model.familyId, deploymentId, revisionId, ago(10)],
    );
    await gateway.query(
      `UPDATE usage_events SET state = 'settled', end_reason = 'completed', input_tokens = 3, cached_input_tokens = 2,
         output_tokens = 40, first_token_at = $2, ended_at = $3 WHERE id = $1`,
      [id, ago(9.5), ago(8)],
    );
    await gateway.end();
  }

  it('tell of calls, of all deployments of a page in one statement', async () => {
    const query = jest.spyOn(Transaction.prototype, 'query');
    const { deployments } = await graphql.ask(graphql.caller(partner), STATISTICS, range);
    const statements = query.mock.calls.filter(([sql]) => sql.includes('usage_events'));
    query.mockRestore();
    expect(statements).toHaveLength(1);
    const [quiet, called] = deployments.nodes;
    expect(called).toMatchObject({
      slug: 'called',
      statistics: {
        bucketSeconds: 60,
        total: {
          requests: 1,
          inputTokens: '3',
          cachedInputTokens: '2',
          outputTokens: '40',
          latencySeconds: { p50: 2 },
          firstTokenSeconds: { p50: 0.5 },
          outputTokensPerSecond: 20,
        },
        revisions: [{ revision: { number: 1 }, traffic: { requests: 1 } }],
      },
    });
    const requests = called.statistics.buckets.map(
      (bucket: { traffic: { requests: number } }) => bucket.traffic.requests,
    );
    expect(requests.reduce((sum: number, one: number) => sum + one)).toBe(1);
    expect(quiet.statistics).toMatchObject({ total: { requests: 0, latencySeconds: { p50: null } }, revisions: [] });
  });

  it('need the permission to see usage, and a range that is not too long', async () => {
    const unpermitted = graphql.caller(partner, ['deployments:read']);
    await expect(graphql.ask(unpermitted, STATISTICS, range)).rejects.toThrow(/FORBIDDEN/);
    const year = { ...range, from: new Date(now.getTime() - 366 * 24 * HOUR_MILLISECONDS) };
    await expect(graphql.ask(graphql.caller(partner), STATISTICS, year)).rejects.toThrow(/USAGE_RANGE_INVALID/);
  });
});
