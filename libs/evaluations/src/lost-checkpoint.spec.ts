import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetirementService } from '#libs/catalog';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { EntitlementService, RateService } from '#libs/contracts';
import { DatasetsGraphqlModule } from '#libs/datasets/graphql';
import { EvaluationsGraphqlModule } from '#libs/evaluations/graphql';
import { newId, sha256Hex } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import {
  type TestCheckpoint,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testCheckpoint,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { EvaluationsJobsModule } from './jobs/evaluations-jobs.module.js';
import { RunHandlers } from './jobs/run.handlers.js';
import { SuiteHandlers } from './jobs/suite.handlers.js';

let database: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let partner: TestOrganization;
let who: string;

const asLab = <T>(work: (tx: Transaction) => Promise<T>) => graphql.get(Database).transaction(lab.scope, work);

beforeAll(async () => {
  database = await testDatabase();
  [lab, partner] = [await testOrganization(database, 'lab'), await testOrganization(database)];
  const modules = [EvaluationsGraphqlModule, EvaluationsJobsModule, DatasetsGraphqlModule, CatalogGraphqlModule];
  graphql = await TestGraphql.start(database, modules);
  who = graphql.caller(partner);
  const subject = { meter: 'evaluation_tokens', familyId: null, checkpointId: null } as const;
  const lines = [{ ...subject, priceNanos: 7n, perUnits: 2n }];
  await asLab(async (tx) => {
    const rates = graphql.get(RateService);
    await rates.publish(tx, { rateCardId: await rates.draft(tx, { name: 'prices', lines }) });
  });
});
afterAll(async () => {
  await graphql.stop();
  await database.drop();
});

async function createRun(checkpoint: TestCheckpoint): Promise<{ id: string; computeJobId: string }> {
  const rows = [{ prompt: 'one', expected: '1' }];
  const input = { projectId: partner.projectId, name: newId('req'), metric: 'EXACT_MATCH', rows };
  const { suite } = await graphql.mutate(who, 'createEvaluationSuite', input, 'suite { id }');
  await graphql.get(SuiteHandlers).build({ payload: { suiteId: suite.id } } as never, partner.scope);
  const wanted = { suiteId: suite.id, checkpoint: checkpoint.name };
  return (await graphql.mutate(who, 'createEvaluationRun', wanted, 'run { id computeJobId }')).run;
}

/** What the trainer writes, and what compute then tells. */
async function conclude(run: { id: string; computeJobId: string }): Promise<void> {
  const keyPrefix = `org/${partner.organizationId}/compute/${run.id}/attempts/1/output/`;
  const counts = { expected_tokens: 1, output_tokens: 6 };
  const result = { index: 0, prompt: 'one', expected: '1', output: '1', score: 1, loss: 0.5, ...counts, cut: false };
  const figures = { n: 1, score: 1, standard_error: 0, mean_loss: 0.5, prompt_tokens: 10, output_tokens: 6, cut: 0 };
  const summary = { schema_version: 1, type: 'evaluation', metric: 'exact_match', ...figures, seconds: 1 };
  const store = graphql.get(ObjectStore);
  const files = [
    { path: 'results.jsonl', ...(await store.put(`${keyPrefix}results.jsonl`, `${JSON.stringify(result)}\n`)) },
    { path: 'summary.json', ...(await store.put(`${keyPrefix}summary.json`, JSON.stringify(summary))) },
  ];
  const manifest = { schema_version: 1, kind: 'evaluation', job_id: run.computeJobId, attempt: 1, files };
  const output = { attempt: 1, keyPrefix, folder: { prefix: 'output', manifest, manifest_sha256: sha256Hex('m') } };
  const end = { ownerId: run.id, kind: 'evaluate', computeJobId: run.computeJobId, outcome: 'succeeded', output };
  await graphql.get(RunHandlers).ended({ payload: end } as never, partner.scope);
}

const LOSSES = {
  async retired({ id: checkpointId }: TestCheckpoint) {
    const retirement = graphql.get(RetirementService);
    await asLab(async (tx) => {
      const { digest } = await retirement.impact(tx, checkpointId);
      await retirement.retire(tx, { checkpointId, reason: 'superseded', acknowledgedImpact: digest });
    });
  },
  async revoked({ familyId }: TestCheckpoint) {
    await asLab(async (tx) => {
      const [granted] = await tx.query<{ id: string }>('SELECT id FROM entitlements WHERE family_id = $1', [familyId]);
      await graphql.get(EntitlementService).revoke(tx, { entitlementId: granted!.id, reason: 'The contract ended.' });
    });
  },
};

describe.each(Object.entries(LOSSES))('while a run is on its way its checkpoint is %s', (name, lose) => {
  test('and it ends, with its results, billed as it was accepted', async () => {
    const files = { 'config.json': Buffer.from('{}'), 'model.safetensors': Buffer.from('w') };
    const checkpoint = await testCheckpoint(database, lab, { grantee: partner, files });
    const run = await createRun(checkpoint);
    await graphql.get(RunHandlers).started({ payload: { ownerId: run.id } } as never, partner.scope);
    await lose(checkpoint);
    await conclude(run);
    const query = `query($id: ID!) { node(id: $id) { ... on EvaluationRun { status evaluationTokens cost { nanos } checkpoint { id }
      results { nodes { score } } } } }`;
    const { node } = await graphql.ask(who, query, { id: run.id });
    expect(node).toEqual({
      status: 'SUCCEEDED',
      evaluationTokens: '16',
      cost: { nanos: '56' },
      checkpoint: name === 'retired' ? { id: checkpoint.id } : null,
      results: { nodes: [{ score: 1 }] },
    });
    const usage = await graphql
      .get(Database)
      .read(partner.scope, (tx) => tx.query('SELECT checkpoint_id FROM usage_events WHERE source_id = $1', [run.id]));
    expect(usage).toEqual([{ checkpoint_id: checkpoint.id }]);
  });
});
