import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ComputeRegionModule } from '#libs/contracts';
import { ContractsGraphqlModule } from '#libs/contracts/graphql';
import { ROLES } from '#libs/identity';
import { ManualClock, newId } from '#libs/kernel';
import { Database } from '#platform/database';
import {
  type TestCheckpoint,
  type TestContract,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testCheckpoint,
  testContract,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { CatalogService } from '../catalog.service.js';
import { CatalogGraphqlModule } from './index.js';

const clock = new ManualClock(new Date('2026-03-10T12:00:00.000Z'));
let testing: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let partner: TestOrganization;
let base: TestCheckpoint;
let contract: TestContract;
let operator: string;

beforeAll(async () => {
  testing = await testDatabase();
  const modules = [ComputeRegionModule.forRoot('eu-central'), ContractsGraphqlModule, CatalogGraphqlModule];
  graphql = await TestGraphql.start(testing, modules, clock);
  lab = await testOrganization(testing, 'lab');
  partner = await testOrganization(testing);
  base = await testCheckpoint(testing, lab, { grantee: partner });
  operator = graphql.caller(lab, ROLES.lab_operator.permissions);
});
afterAll(async () => {
  await graphql?.stop();
  await testing?.drop();
});

const TAGGED = 'checkpoint { exportClassification computeRegions }';
const tag = (tags: object, who = operator, checkpointId = base.id) =>
  graphql.mutate(who, 'setCheckpointUseTags', { checkpointId, ...tags }, TAGGED);
const codes = ({ userErrors }: { userErrors: Array<{ code: string }> }) => userErrors.map(({ code }) => code);
const amend = (terms: object) => {
  clock.advance(1_000);
  return contract.amend(terms);
};

/** What the partner is told when it begins something, wherever that is: each of them asks the same. */
async function refusal(): Promise<string | null> {
  const [tuned, deployed] = await Promise.all(
    (['fine_tune', 'deploy'] as const).map((action) =>
      graphql.get(Database).transaction(partner.scope, async (tx) => {
        const catalog = graphql.get(CatalogService);
        const may = catalog.assertMay(tx, action, await catalog.getUsable(tx, base.name));
        return may.then(
          () => null,
          ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
        );
      }),
    ),
  );
  expect(deployed).toBe(tuned);
  return tuned!;
}

describe('tags of a checkpoint, and the clauses of a contract about them', () => {
  it('are the lab’s to set, on what an engine loads', async () => {
    const tags = { exportClassification: '4E091', computeRegions: ['eu-central', 'us-east'] };
    expect(await tag(tags)).toEqual({ checkpoint: tags, userErrors: [] });
    expect(codes(await tag(tags, graphql.caller(partner)))).not.toEqual([]);
    expect(codes(await tag({ exportClassification: 'not a word' }))).toEqual(['USE_TAG_INVALID']);
    expect(codes(await tag({ computeRegions: ['a', 'a'] }))).toEqual(['USE_TAG_INVALID']);
    expect(codes(await tag(tags, operator, newId('ckpt')))).toEqual(['CHECKPOINT_NOT_FOUND']);
    const audited = await graphql.get(Database).read(lab.scope, (tx) =>
      tx.query(`SELECT outcome FROM audit_entries
        WHERE organization_id = :organization AND action = 'setCheckpointUseTags' AND outcome = 'done'`),
    );
    expect(audited).toHaveLength(1);
  });

  it('ask for a clearance by contract, and say so before anybody tries', async () => {
    expect(await refusal()).toMatch(/^EXPORT_NOT_CLEARED: .* classification 4E091, .*: no contract is in force\./);
    contract = await testContract({ database: graphql.get(Database), clock, lab, partner }, {});
    expect(await refusal()).toContain(
      `the clause "exportClearances" of version 1 of the contract Master agreement (${contract.id})`,
    );
    const query = `query($model: String!) { checkpoint(model: $model) { allowedActions unmetConditions { code message } } }`;
    const { checkpoint } = await graphql.ask(graphql.caller(partner), query, { model: base.name });
    expect(checkpoint).toEqual({
      allowedActions: ['BROWSE'],
      unmetConditions: [{ code: 'EXPORT_NOT_CLEARED', message: expect.stringContaining(contract.id) }],
    });
    await amend({ exportClearances: ['EAR99', '4E091'] });
    expect(await refusal()).toBeNull();
  });

  it('bind use to regions: of the model, and of the contract', async () => {
    await tag({ computeRegions: ['us-east'] });
    expect(await refusal()).toMatch(/^REGION_NOT_ALLOWED: .* in us-east alone \(the tag computeRegions of the model\)/);
    await tag({});
    expect(await refusal()).toBeNull();
    await amend({ regions: ['us-east'] });
    expect(await refusal()).toMatch(
      /^REGION_NOT_ALLOWED: .*the clause "regions" of version 3 .* platform is in eu-central\.$/,
    );
    await amend({ regions: ['eu-central'] });
    expect(await refusal()).toBeNull();
    // A version that was agreed for later holds from then on, and no version beyond the term.
    clock.advance(366 * 24 * 3_600_000);
    await tag({ exportClassification: '4E091' });
    expect(await refusal()).toMatch(/no contract is in force/);
  });
});
