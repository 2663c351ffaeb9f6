import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RetirementService } from '#libs/catalog';
import { EntitlementService, LicenseService } from '#libs/contracts';
import { newId } from '#libs/kernel';
import { testOrganization } from '#test/harness';
import { FineTuningFixture, RECIPE, type Tuner } from './fine-tuning.fixture.js';

let fixture: FineTuningFixture;
let tuner: Tuner;

beforeAll(async () => {
  fixture = await FineTuningFixture.start();
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  tuner = await fixture.tuner();
});

const QUOTE = `query($input: FineTuneQuoteInput!) { fineTuneQuote(input: $input) { ready steps tokens estimatedSeconds recipe
  price { nanos } hardCap { nanos } preparation { id status report { errorCount } } } }`;

async function inputOf(change: object = {}) {
  const { projectId, checkpoint } = tuner;
  return { projectId, model: checkpoint.name, trainingFileId: await fixture.file(tuner), ...change };
}

const quote = async (input: object, who = tuner.who) =>
  (await fixture.graphql.ask(who, QUOTE, { input })).fineTuneQuote;

const prepare = async ({ trainingFileId, model }: { trainingFileId: string; model: string }) => {
  const input = { versionId: trainingFileId, checkpoint: model };
  const { preparation } = await fixture.graphql.mutate(tuner.who, 'prepareDataset', input, 'preparation { id }');
  return preparation.id as string;
};

describe('a quote', () => {
  test('is there once the file is validated for the checkpoint', async () => {
    const input = await inputOf();
    expect(await quote(input)).toMatchObject({ ready: false, preparation: null, price: null, recipe: null });
    const preparationId = await prepare(input);
    expect(await quote(input)).toMatchObject({ ready: false, preparation: { id: preparationId, status: 'PENDING' } });
    await fixture.endPreparation(tuner, preparationId);
    expect(await quote(input)).toEqual({
      ready: true,
      preparation: { id: preparationId, status: 'READY', report: { errorCount: 0 } },
      // Two epochs of three steps, each reading fifty tokens, at seven nanos for two.
      steps: 6,
      tokens: '100',
      price: { nanos: '350' },
      hardCap: { nanos: '350' },
      estimatedSeconds: 20,
      recipe: expect.objectContaining({ rank: RECIPE.rank, n_epochs: 2, target_modules: RECIPE.target_modules }),
    });
    const shorter = await quote({ ...input, hyperparameters: { epochs: 1, batchSize: 5, rank: 8 }, seed: 7 });
    expect(shorter).toMatchObject({ steps: 1, tokens: '50', price: { nanos: '175' } });
    expect(shorter.recipe).toMatchObject({ batch_size: 5, n_epochs: 1, rank: 8, alpha: 16, seed: 7 });
  });

  test('goes by the contract in force, with the project and the method, in its currency; the job and its card too', async () => {
    const rule = (id: string, meter: string, priceNanos: string, match: object) => ({
      id,
      meter,
      match,
      price: { kind: 'flat', priceNanos, perUnits: '1' },
    });
    const { projectId, checkpoint } = tuner;
    await fixture.agree(tuner, [
      rule('all', 'training_tokens', '9', {}),
      rule('lora', 'training_tokens', '5', { method: 'lora' }),
      rule('project', 'training_tokens', '4', { method: 'lora', projectId }),
    ]);
    const input = await inputOf();
    await fixture.endPreparation(tuner, await prepare(input));
    const priced = 'price { nanos currency display }';
    const ask = (query: string, variables: object) => fixture.graphql.ask(tuner.who, query, variables);
    const { fineTuneQuote } = await ask(
      `query($input: FineTuneQuoteInput!) { fineTuneQuote(input: $input) { ${priced} } }`,
      { input },
    );
    const price = { nanos: '400', currency: 'EUR', display: '0.0000004 EUR' };
    expect(fineTuneQuote).toEqual({ price });
    const { fineTuneJob } = await fixture.graphql.mutate(
      tuner.who,
      'createFineTuneJob',
      input,
      'fineTuneJob { hardCap { nanos currency display } }',
    );
    expect(fineTuneJob).toEqual({ hardCap: price });
    const { node } = await ask(
      `query($id: ID!, $projectId: ID!) { node(id: $id) { ... on Checkpoint {
        prices { meter isFlat perUnits price { nanos currency } rateCard { id } }
        ofProject: cost(projectId: $projectId, meter: TRAINING_TOKENS, quantity: "100") { nanos }
        unpriced: cost(meter: OUTPUT_TOKENS, quantity: "1") { nanos } } } }`,
      { id: checkpoint.id, projectId },
    );
    expect(node).toEqual({
      prices: [
        {
          meter: 'TRAINING_TOKENS',
          isFlat: true,
          perUnits: '1',
          price: { nanos: '5', currency: 'EUR' },
          rateCard: null,
        },
      ],
      ofProject: { nanos: '400' },
      unpriced: null,
    });
  });

  test('of a bad file says that it is bad', async () => {
    const input = await inputOf();
    const preparationId = await prepare(input);
    const problem = {
      source: 'dataset',
      line: 3,
      pointer: '',
      code: 'invalid_json',
      message: 'No.',
      fix: 'Do.',
    } as const;
    const errors = { total: 1, by_code: { invalid_json: 1 }, kept: [problem] };
    await fixture.endPreparation(tuner, preparationId, { outcome: 'invalid', errors });
    expect(await quote(input)).toMatchObject({
      ready: false,
      price: null,
      preparation: { status: 'INVALID', report: { errorCount: 1 } },
    });
  });

  test('makes nothing, and is not for those who may not queue jobs', async () => {
    const input = await inputOf();
    await quote(input);
    const made = await fixture.as(tuner, (tx) =>
      tx.query('SELECT id FROM preparations UNION SELECT id FROM compute_jobs'),
    );
    expect(made).toEqual([]);
    const reader = fixture.graphql.caller(tuner, ['jobs:read']);
    await expect(quote(input, reader)).rejects.toThrow('FORBIDDEN');
    await expect(quote(input, fixture.graphql.caller(tuner, undefined, []))).rejects.toThrow('PROJECT_NOT_FOUND');
  });

  test('of jobs like some that ran estimates from how fast they were', async () => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 60, 40);
    fixture.clock.advance(20_000);
    await fixture.succeed(tuner, job);
    // A hundred tokens in ten seconds beyond the start-up, ten seconds of start-up.
    const { trainingFileId } = job;
    expect(await quote(await inputOf({ trainingFileId }))).toMatchObject({ tokens: '100', estimatedSeconds: 20 });
    const longer = { trainingFileId, hyperparameters: { epochs: 4 } };
    expect(await quote(await inputOf(longer))).toMatchObject({ tokens: '200', estimatedSeconds: 30 });
  });

  test('of jobs like it are known to a job when it starts, those that ended while it was queued as well', async () => {
    const first = await fixture.running(tuner);
    expect(first.recordedTrainingSeconds).toBeNull();
    const second = await fixture.queued(tuner);
    await fixture.train(first.computeJobId!, 60, 40);
    fixture.clock.advance(20_000);
    await fixture.succeed(tuner, first);
    await fixture.begin(tuner, second.computeJobId!);
    expect(await fixture.job(tuner, second.id)).toMatchObject({ status: 'running', recordedTrainingSeconds: 10 });
  });
});

/** What the two ways to a job say to the same request. */
async function refusals(change: object, who = tuner.who) {
  const input = await inputOf(change);
  const created = await fixture.graphql.mutate(who, 'createFineTuneJob', input, 'fineTuneJob { id }');
  expect(created.fineTuneJob).toBeNull();
  const { metadata: _, ...toQuote } = input as Record<string, unknown>;
  const quoted = await quote(toQuote, who).then(
    () => null,
    (error: Error) => JSON.parse(error.message)[0].extensions,
  );
  return { created: created.userErrors[0], quoted };
}

async function expectRefusal(change: object, { code, path }: { code: string; path: string[] }, message = '') {
  const { created, quoted } = await refusals(change);
  expect(created).toEqual({ code, path, message: expect.stringContaining(message) });
  expect(quoted).toMatchObject({ code, inputPath: path });
}

describe('a request is refused by quote and by create alike', () => {
  test.each([
    ['an unknown parent', () => ({ model: 'nothing' }), 'CHECKPOINT_NOT_FOUND', ['model']],
    ['an unknown file', () => ({ trainingFileId: newId('file') }), 'FILE_NOT_FOUND', ['trainingFileId']],
    ['an unknown validation file', () => ({ validationFileId: newId('file') }), 'FILE_NOT_FOUND', ['validationFileId']],
    ['a rank beyond the family’s engines', () => tuned({ rank: 65 }), 'RANK_NOT_SERVABLE', ['hyperparameters', 'rank']],
    [
      'targets that engines can’t serve',
      () => tuned({ targetModules: ['q_proj', 'lm_head'] }),
      'TARGETS_NOT_SERVABLE',
      ['hyperparameters', 'targetModules'],
    ],
    ['rows beyond the context', () => policy({ maxTokens: 257 }), 'CONTEXT_NOT_SERVABLE', ['dataPolicy', 'maxTokens']],
    ['no epochs', () => tuned({ epochs: 0 }), 'HYPERPARAMETER_OUT_OF_RANGE', ['hyperparameters', 'epochs']],
    ['an unusable suffix', () => ({ suffix: 'a b' }), 'SUFFIX_UNUSABLE', ['suffix']],
  ])('%s', async (_, change, code, path) => {
    await expectRefusal(change(), { code, path });
  });
  const tuned = (hyperparameters: object) => ({ hyperparameters });
  const policy = (dataPolicy: object) => ({ dataPolicy });

  test('a checkpoint that one may see and not fine-tune, or not see', async () => {
    const [seen, hidden] = [await fixture.checkpoint(), await fixture.checkpoint()];
    const { organizationId } = tuner;
    await fixture.as(fixture.lab, (tx) =>
      fixture.graphql.get(EntitlementService).grant(tx, {
        organizationId,
        familyId: seen.familyId,
        actions: ['deploy'],
        clause: 'MSA 4.2',
      }),
    );
    await expectRefusal({ model: seen.name }, { code: 'NOT_ENTITLED', path: ['model'] }, 'MSA 4.2');
    await expectRefusal({ model: hidden.name }, { code: 'CHECKPOINT_NOT_FOUND', path: ['model'] });
  });

  test('a checkpoint under a licence that is not accepted', async () => {
    const publish = (requiresAcceptance: boolean) =>
      fixture.as(fixture.lab, (tx) =>
        fixture.graphql.get(LicenseService).publish(tx, { name: 'Apache-2.0', text: 'As it is.', requiresAcceptance }),
      );
    const licenseId = await publish(true);
    await expectRefusal({}, { code: 'LICENSE_NOT_ACCEPTED', path: ['model'] }, licenseId);
    // The checkpoints of the other tests carry the same.
    await publish(false);
  });

  test('a retired checkpoint, and a variant of one', async () => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 10);
    await fixture.succeed(tuner, job);
    const { outputName } = await fixture.job(tuner, job.id);
    const retirement = fixture.graphql.get(RetirementService);
    const checkpointId = tuner.checkpoint.id;
    await fixture.as(fixture.lab, async (tx) => {
      const { digest } = await retirement.impact(tx, checkpointId);
      await retirement.retire(tx, { checkpointId, reason: 'superseded', acknowledgedImpact: digest });
    });
    for (const model of [tuner.checkpoint.name, outputName]) {
      await expectRefusal({ model }, { code: 'CHECKPOINT_RETIRED', path: ['model'] }, 'superseded');
    }
  });

  test('an architecture that engines can’t serve', async () => {
    const architecture = { modelType: 'qwen3', headSize: 33, tiedEmbeddings: true };
    const { name: model } = await fixture.checkpoint({ grantee: tuner, architecture });
    await expectRefusal({ model }, { code: 'HEAD_SIZE_NOT_SERVABLE', path: ['model'] });
  });

  test('a variant under another shape than its own; under its own it is trained on', async () => {
    const job = await fixture.running(tuner, { hyperparameters: { rank: 8 } });
    await fixture.train(job.computeJobId!, 10);
    await fixture.succeed(tuner, job);
    const { outputName, outputCheckpointId } = await fixture.job(tuner, job.id);
    for (const hyperparameters of [{ rank: 16 }, { alpha: 1 }, { targetModules: ['q_proj'] }]) {
      const expected = { code: 'BASE_CONTINUES_OTHER_SHAPE', path: ['hyperparameters'] };
      await expectRefusal({ model: outputName, hyperparameters }, expected, outputName!);
    }
    const { trainingFileId } = job;
    const same = { rank: 8, alpha: 16, targetModules: ['v_proj', 'q_proj'] };
    for (const hyperparameters of [same, { rank: null, epochs: 1 }, undefined]) {
      const { ready, recipe } = await quote(await inputOf({ model: outputName, trainingFileId, hyperparameters }));
      expect({ ready, recipe }).toMatchObject({ ready: true, recipe: { rank: 8, alpha: 16 } });
    }
    const child = await fixture.create(tuner, { model: outputName!, trainingFileId });
    expect(child).toMatchObject({ status: 'queued', parentCheckpointId: outputCheckpointId, parentName: outputName });
    expect(child.baseCheckpointId).toBe(tuner.checkpoint.id);
    const { inputs } = await fixture.computeJob(tuner, child.computeJobId!);
    expect(inputs.map(({ name, files }) => [name, files.length])).toEqual([
      ['base', 2],
      ['prepared', 1],
      ['adapter', 2],
    ]);
  });

  test('a file of another project', async () => {
    const projectId = newId('proj');
    await fixture.as(tuner, (tx) =>
      tx.query(
        `INSERT INTO projects (id, organization_id, name, slug, created_by, created_at)
         SELECT $1, organization_id, 'other', 'other', created_by, created_at FROM projects WHERE id = $2`,
        [projectId, tuner.projectId],
      ),
    );
    const elsewhere = await fixture.file({ ...tuner, projectId });
    for (const field of ['trainingFileId', 'validationFileId'])
      await expectRefusal({ [field]: elsewhere }, { code: 'FILE_IN_OTHER_PROJECT', path: [field] }, elsewhere);
  });

  test('while the lab has set no price', async () => {
    const now = fixture.clock.now();
    fixture.clock.set(new Date('2026-02-01T00:00:00.000Z'));
    try {
      await expectRefusal({}, { code: 'NO_PRICE', path: ['model'] });
    } finally {
      fixture.clock.set(now);
    }
  });

  test('by strangers, and without the permission', async () => {
    const stranger = fixture.graphql.caller(await testOrganization(fixture.testing));
    expect((await refusals({}, stranger)).created).toMatchObject({ code: 'PROJECT_NOT_FOUND' });
    const reader = fixture.graphql.caller(tuner, ['jobs:read', 'datasets:read']);
    const refused = { created: { code: 'FORBIDDEN' }, quoted: { code: 'FORBIDDEN' } };
    expect(await refusals({}, reader)).toMatchObject(refused);
  });
});

test.each([
  ['more than 16 pairs', Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v']))],
  ['a value that is no text', { rows: 5 }],
  ['a long key', { ['k'.repeat(65)]: 'v' }],
  ['a long value', { k: 'v'.repeat(513) }],
  ['a list', ['v']],
])('metadata with %s are refused', async (_, metadata) => {
  const input = await inputOf({ metadata });
  const { userErrors } = await fixture.graphql.mutate(tuner.who, 'createFineTuneJob', input, 'fineTuneJob { id }');
  expect(userErrors).toMatchObject([{ code: 'METADATA_INVALID', path: ['metadata'] }]);
});
