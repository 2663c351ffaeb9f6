import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuditModule, AuditService } from '#libs/audit';
import { ContractsGraphqlModule } from '#libs/contracts/graphql';
import { authorize, type Permission, ROLES } from '#libs/identity';
import { ManualClock, newId } from '#libs/kernel';
import { DatabaseModule, Transaction } from '#platform/database';
import {
  AUDIT_SINK,
  AUTHORIZER,
  ForkpointGraphqlModule,
  InputPipe,
  PRINCIPAL_RESOLVER,
  type Principal,
} from '#platform/graphql';
import { createServer } from '#platform/http';
import { StorageModule } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import { type TestOrganization, testStore } from '#test/harness';
import { CatalogFixture, declared, MODEL_FILES, SUPERVISED_RECIPE } from '../catalog.fixture.js';
import { CatalogGraphqlModule } from './index.js';

let fixture: CatalogFixture;
let app: NestFastifyApplication;
const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));
const principals = new Map<string, Principal>();

function principalOf({ organizationId, scope }: TestOrganization, role: keyof typeof ROLES): Principal {
  return {
    type: 'user',
    id: scope.actor.id,
    organizationId,
    organizationKind: scope.kind,
    projectIds: 'all',
    permissions: new Set(ROLES[role].permissions),
  };
}

beforeAll(async () => {
  fixture = await CatalogFixture.create(clock);
  principals.set('lab', principalOf(fixture.lab, 'lab_operator'));
  principals.set('partner', principalOf(fixture.partner, 'partner_engineer'));
  principals.set('other', principalOf(fixture.other, 'partner_engineer'));
  principals.set('auditor', principalOf(fixture.partner, 'auditor'));
  const logger = createLogger('test', 'fatal');

  @Global()
  @Module({
    imports: [AuditModule],
    providers: [
      {
        provide: PRINCIPAL_RESOLVER,
        useValue: { resolve: async (request: { headers: { who: string } }) => principals.get(request.headers.who) },
      },
      {
        provide: AUTHORIZER,
        useValue: {
          authorize: (principal: Principal, permission: string) => authorize(principal, permission as Permission),
        },
      },
      { provide: AUDIT_SINK, useExisting: AuditService },
      { provide: APP_PIPE, useClass: InputPipe },
    ],
    exports: [PRINCIPAL_RESOLVER, AUTHORIZER, AUDIT_SINK],
  })
  class PortsModule {}

  @Module({
    imports: [
      DatabaseModule.forRoot({ appUrl: fixture.testing.urls.app }, clock),
      StorageModule.forRoot(testStore()),
      PortsModule,
      ForkpointGraphqlModule.forRoot({ logger }),
      ContractsGraphqlModule,
      CatalogGraphqlModule,
    ],
  })
  class TestModule {}
  app = await createServer(TestModule, { logger });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(async () => {
  await app?.close();
  await fixture?.close();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely
async function ask(who: string, query: string, variables: object = {}): Promise<any> {
  const answer = await app.inject({ method: 'POST', url: '/graphql', headers: { who }, payload: { query, variables } });
  return answer.json();
}

/** Runs a mutation and gives its payload; any refusal is an error unless it is asked for. */
async function mutate(who: string, name: string, type: string, input: object, fields: string) {
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} userErrors { code message path } } }`;
  const { data, errors } = await ask(who, query, { input: { idempotencyKey: newId('req'), ...input } });
  if (errors) throw new Error(JSON.stringify(errors));
  return data[name];
}

async function done(name: string, type: string, input: object, fields: string) {
  const payload = await mutate('lab', name, type, input, fields);
  expect(payload.userErrors).toEqual([]);
  return payload;
}

const modelCard = { summary: 'A model.', trainingData: 'None.', intendedUse: 'Specs.', limitations: 'Many.' };
const recipe = { method: 'pretraining', parameters: { learning_rate: 0.02 } };
const files = declared(MODEL_FILES).map((file) => ({
  ...file,
  part: file.part.toUpperCase(),
  bytes: String(file.bytes),
}));

async function publishLineage(familyName: string, steps: number[]): Promise<{ familyId: string; ids: string[] }> {
  const { family } = await done(
    'createModelFamily',
    'CreateModelFamilyInput',
    { name: familyName, displayName: familyName, description: '', license: 'Apache-2.0' },
    'family { id maxLoraRank }',
  );
  const { trainingRun } = await done(
    'createTrainingRun',
    'CreateTrainingRunInput',
    { familyId: family.id, name: 'pretrain', stage: 'PRETRAINING', description: '', hyperparameters: { tokens: 4e6 } },
    'trainingRun { id hyperparameters }',
  );
  const ids: string[] = [];
  for (const step of steps) {
    const { checkpoint } = await done(
      'createCheckpoint',
      'CreateCheckpointInput',
      {
        trainingRunId: trainingRun.id,
        step,
        tokensSeen: String(step * 2048),
        loss: 1.5,
        parentCheckpointId: ids.at(-1),
        recipe,
        modelCard,
        files,
      },
      'checkpoint { id status pendingUploads { path method url headers } }',
    );
    for (const { path, method, url, headers } of checkpoint.pendingUploads) {
      const body = new Uint8Array(MODEL_FILES[path]!);
      expect((await fetch(url, { method, headers, body })).ok).toBe(true);
    }
    await done('publishCheckpoint', 'PublishCheckpointInput', { checkpointId: checkpoint.id }, 'checkpoint { status }');
    await fixture.verification.verify(fixture.lab.scope, checkpoint.id);
    const evaluations = [{ name: 'ada-to-c', metric: 'exact_match', value: step / 2000, examples: 200, source: 'lab' }];
    await done(
      'attachEvaluations',
      'AttachEvaluationsInput',
      { checkpointId: checkpoint.id, evaluations },
      'checkpoint { id }',
    );
    ids.push(checkpoint.id);
  }
  return { familyId: family.id, ids };
}

const BROWSE = `query($first: Int!) {
  modelFamilies { nodes { name recipes { method version hyperparameters } trainingRuns { nodes { name stage checkpoints(first: $first) { nodes {
    name status step tokensSeen loss license contextLength parameterCount allowedActions
    family { name } trainingRun { stage } parent { name } base { name } organization { name }
    recipe { method parameters } modelCard { summary } architecture { modelType headSize }
    evaluations { name value } files { path sha256 } prices { meter price { display } perUnits rateCard { name } }
    cost(meter: TRAINING_TOKENS, quantity: "1000000") { display }
    servability(adapter: { rank: 128 }) { code }
    ancestors { generation parent { name } child { name } recipe { method } }
    descendants(first: 5) { nodes { generation child { name } } pageInfo { hasNextPage } }
    pendingUploads { path }
  } } } } } } }`;

describe('the catalog over GraphQL', () => {
  let familyId: string;
  let ids: string[];

  beforeAll(async () => {
    ({ familyId, ids } = await publishLineage('forge-1', [156, 391, 1953]));
    const recipeInput = { familyId, method: 'SUPERVISED', hyperparameters: SUPERVISED_RECIPE, notes: 'Ada to Rust.' };
    await done('publishRecipe', 'PublishRecipeInput', recipeInput, 'recipe { version family { name } }');
    const lines = [{ meter: 'TRAINING_TOKENS', familyId, priceNanos: '250000000', perUnits: '1000000' }];
    const { rateCard } = await done(
      'draftRateCard',
      'DraftRateCardInput',
      { name: 'List prices', lines },
      'rateCard { id status }',
    );
    await done(
      'publishRateCard',
      'PublishRateCardInput',
      { rateCardId: rateCard.id },
      'rateCard { status effectiveFrom }',
    );
    const grant = {
      organizationId: fixture.partner.organizationId,
      familyId,
      actions: ['FINE_TUNE'],
      clause: 'MSA 4.2',
    };
    await done(
      'grantEntitlement',
      'GrantEntitlementInput',
      grant,
      'entitlement { id inForce subject { id } organization { id } }',
    );
  });

  it('shows an entitled partner families, runs, checkpoints, lineage, figures and prices', async () => {
    const { data, errors } = await ask('partner', BROWSE, { first: 10 });
    expect(errors).toBeUndefined();
    const [family] = data.modelFamilies.nodes;
    expect(family).toMatchObject({ name: 'forge-1', recipes: [{ method: 'SUPERVISED', version: 1 }] });
    const [, second] = family.trainingRuns.nodes[0].checkpoints.nodes;
    expect(second).toMatchObject({
      name: 'forge-1-pretrain-000391',
      status: 'PUBLISHED',
      tokensSeen: String(391 * 2048),
      contextLength: 512,
      allowedActions: ['BROWSE', 'FINE_TUNE'],
      family: { name: 'forge-1' },
      trainingRun: { stage: 'PRETRAINING' },
      parent: { name: 'forge-1-pretrain-000156' },
      base: { name: 'forge-1-pretrain-000391' },
      recipe,
      evaluations: [{ name: 'ada-to-c', value: 391 / 2000 }],
      prices: [
        {
          meter: 'TRAINING_TOKENS',
          price: { display: '0.25 USD' },
          perUnits: '1000000',
          rateCard: { name: 'List prices' },
        },
      ],
      cost: { display: '0.25 USD' },
      servability: [{ code: 'RANK_NOT_SERVABLE' }],
      ancestors: [
        {
          generation: 1,
          parent: { name: 'forge-1-pretrain-000156' },
          child: { name: 'forge-1-pretrain-000391' },
          recipe: { method: 'pretraining' },
        },
      ],
      descendants: {
        nodes: [{ generation: 1, child: { name: 'forge-1-pretrain-001953' } }],
        pageInfo: { hasNextPage: false },
      },
      pendingUploads: [],
    });
    expect(second.files.map((file: { path: string }) => file.path)).toContain('model.safetensors');
  });

  it('reads with no more statements for many checkpoints than for two', async () => {
    const query = jest.spyOn(Transaction.prototype, 'query');
    const statements = async (first: number) => {
      query.mockClear();
      const { errors } = await ask('partner', BROWSE, { first });
      expect(errors).toBeUndefined();
      return query.mock.calls.length;
    };
    const forTwo = await statements(2);
    expect(await statements(3)).toBeLessThanOrEqual(forTwo);
    // A second family doubles what there is to read, not the reading.
    const second = await publishLineage('forge-2', [1, 2, 3]);
    const grant = {
      organizationId: fixture.partner.organizationId,
      familyId: second.familyId,
      actions: ['FINE_TUNE'],
      clause: 'x',
    };
    await done('grantEntitlement', 'GrantEntitlementInput', grant, 'entitlement { id }');
    expect(await statements(3)).toBeLessThanOrEqual(forTwo);
    expect(forTwo).toBeLessThanOrEqual(19);
    query.mockRestore();
  });

  it('shows others nothing, by whatever way they ask', async () => {
    const everything = [...ids, familyId];
    const { data } = await ask(
      'other',
      `query($ids: [ID!]!) { modelFamilies { nodes { id } } trainingRuns { nodes { id } } checkpoints { nodes { id } }
         nodes(ids: $ids) { id } checkpoint(model: "forge-1-pretrain-000156") { id } entitlements { nodes { id } } }`,
      { ids: everything },
    );
    expect(data).toEqual({
      modelFamilies: { nodes: [] },
      trainingRuns: { nodes: [] },
      checkpoints: { nodes: [] },
      nodes: everything.map(() => null),
      checkpoint: null,
      entitlements: { nodes: [] },
    });
    const auditor = await ask('auditor', '{ checkpoints { nodes { id } } }');
    expect(auditor.errors[0].extensions.code).toBe('FORBIDDEN');
    expect((await ask('auditor', 'query($id: ID!) { node(id: $id) { id } }', { id: ids[0] })).data.node).toBeNull();
  });

  it('pages and filters', async () => {
    const page = (args: string) =>
      ask('partner', `{ checkpoints(${args}) { nodes { step } pageInfo { hasNextPage endCursor } } }`);
    const first = (await page(`familyId: "${familyId}", orderBy: STEP, first: 2`)).data.checkpoints;
    expect(first).toMatchObject({ nodes: [{ step: 156 }, { step: 391 }], pageInfo: { hasNextPage: true } });
    const after = `familyId: "${familyId}", orderBy: STEP, first: 2, after: "${first.pageInfo.endCursor}"`;
    expect((await page(after)).data.checkpoints).toMatchObject({
      nodes: [{ step: 1953 }],
      pageInfo: { hasNextPage: false },
    });
    const filtered = await page('stage: PRETRAINING, minimumStep: 200, kinds: [BASE], namePrefix: "forge-1"');
    expect(filtered.data.checkpoints.nodes).toEqual([{ step: 1953 }, { step: 391 }]);
  });

  it.each([
    ['createModelFamily', 'CreateModelFamilyInput', { name: 'mine', displayName: 'x', description: '', license: 'x' }],
    [
      'grantEntitlement',
      'GrantEntitlementInput',
      { organizationId: 'x', familyId: 'x', actions: ['BROWSE'], clause: 'x' },
    ],
    ['publishRateCard', 'PublishRateCardInput', { rateCardId: 'x' }],
    ['retireCheckpoint', 'RetireCheckpointInput', { checkpointId: 'x', reason: 'x', acknowledgedImpact: 'x' }],
  ])('refuses a partner what is the lab’s: %s', async (name, type, input) => {
    expect((await mutate('partner', name, type, input, '')).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
  });

  it('gives downloads once, to those who may', async () => {
    const input = { idempotencyKey: 'download-1', model: 'forge-1-pretrain-000156' };
    const download = () =>
      mutate(
        'partner',
        'createCheckpointDownload',
        'CreateCheckpointDownloadInput',
        input,
        'files { path method url }',
      );
    expect(await download()).toMatchObject({ files: null, userErrors: [{ code: 'NOT_ENTITLED' }] });
    await fixture.grant({ familyId, actions: ['download_weights'] });
    const { files: given } = await download();
    const config = given.find((file: { path: string }) => file.path === 'config.json');
    expect(await (await fetch(config.url)).text()).toBe(String(MODEL_FILES['config.json']));
    expect(await download()).toEqual({ files: null, userErrors: [] });
  });

  it('shows the lab who is affected before it retires', async () => {
    const impact = await ask(
      'lab',
      'query($id: String!) { retirementImpact(checkpointId: $id) { digest affected { what count } } }',
      { id: ids[0] },
    );
    const { digest, affected } = impact.data.retirementImpact;
    expect(affected).toEqual([]);
    const retire = (acknowledgedImpact: string) => {
      const input = { checkpointId: ids[0], reason: 'replaced', acknowledgedImpact };
      return mutate(
        'lab',
        'retireCheckpoint',
        'RetireCheckpointInput',
        input,
        'checkpoint { status retirementReason }',
      );
    };
    expect((await retire('guess')).userErrors).toMatchObject([
      { code: 'RETIREMENT_IMPACT_CHANGED', path: ['acknowledgedImpact'] },
    ]);
    expect((await retire(digest)).checkpoint).toEqual({ status: 'RETIRED', retirementReason: 'replaced' });
  });

  it('says where in an input something is wrong', async () => {
    const { trainingRun } = (await ask('lab', `{ checkpoint(model: "${ids[1]}") { trainingRun { id } } }`)).data
      .checkpoint;
    const broken = [...files.slice(0, 2), { ...files[2]!, path: '/absolute' }];
    const input = { trainingRunId: trainingRun.id, step: 7, tokensSeen: '1', recipe, modelCard, files: broken };
    const create = (change: object) =>
      mutate('lab', 'createCheckpoint', 'CreateCheckpointInput', { ...input, ...change }, 'checkpoint { id }');
    expect((await create({})).userErrors).toMatchObject([{ code: 'CHECKPOINT_FILES_INVALID', path: ['files', '2'] }]);
    const empty = { modelCard: { ...modelCard, summary: '' } };
    expect((await create(empty)).userErrors).toMatchObject([{ code: 'INVALID_INPUT', path: ['modelCard', 'summary'] }]);
    const parameters = { recipe: { method: 'x', parameters: 'none' } };
    expect((await create(parameters)).userErrors).toMatchObject([
      { code: 'INVALID_INPUT', path: ['recipe', 'parameters'] },
    ]);
  });
});
