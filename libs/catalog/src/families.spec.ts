import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, newId } from '#libs/kernel';
import { CatalogFixture, SUPERVISED_RECIPE } from './catalog.fixture.js';
import type { Checkpoint } from './checkpoint.js';
import { type CheckpointFilter, type CheckpointOrder, listCheckpoints } from './checkpoint.repository.js';

let fixture: CatalogFixture;
let familyId: string;
let checkpoints: Checkpoint[];
const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));

beforeAll(async () => {
  fixture = await CatalogFixture.create(clock);
  const family = await fixture.family('forge-1');
  familyId = family.familyId;
  checkpoints = [];
  for (const step of [156, 391, 1953]) checkpoints.push(await fixture.draft(family.trainingRunId, { step }));
});
afterAll(() => fixture?.close());

describe('families, runs and checkpoints', () => {
  it('have names of their own', async () => {
    await expect(fixture.family('forge-1')).rejects.toMatchObject({ code: 'MODEL_NAME_TAKEN' });
    await expect(fixture.family('Forge')).rejects.toMatchObject({ code: 'MODEL_NAME_INVALID' });
    const again = fixture.draft(checkpoints[0]!.trainingRunId!, { step: 156 });
    await expect(again).rejects.toMatchObject({ code: 'MODEL_NAME_TAKEN' });
  });

  it('refuse parents that are not of the family, and ranks no engine starts with', async () => {
    const other = await fixture.family('anvil-1');
    for (const parentCheckpointId of [newId('ckpt'), checkpoints[0]!.id])
      await expect(fixture.draft(other.trainingRunId, { parentCheckpointId })).rejects.toMatchObject({
        code: 'PARENT_UNUSABLE',
      });
    const text = { displayName: 'x', description: 'x', license: 'x' };
    const create = fixture.as(fixture.lab, (tx) =>
      fixture.families.createFamily(tx, { name: 'tongs', ...text, maxLoraRank: 24 }),
    );
    await expect(create).rejects.toMatchObject({ code: 'LORA_RANK_UNSUPPORTED' });
  });

  it('are shown to partners by their entitlements', async () => {
    const seen = () =>
      fixture.as(fixture.partner, async (tx) => (await fixture.families.listFamilies(tx, {})).nodes.map((f) => f.name));
    expect(await seen()).toEqual([]);
    await expect(fixture.as(fixture.partner, (tx) => fixture.families.get(tx, 'forge-1'))).rejects.toMatchObject({
      code: 'MODEL_FAMILY_NOT_FOUND',
    });
    await fixture.grant({ familyId });
    expect(await seen()).toEqual(['forge-1']);
    const runs = await fixture.as(fixture.partner, (tx) => fixture.families.listRuns(tx, { familyId }, {}));
    expect(runs.nodes.map((run) => run.name)).toEqual(['pretrain']);
  });

  it.each<[string, () => CheckpointFilter, CheckpointOrder, number[]]>([
    ['by step', () => ({ familyId }), 'step', [156, 391, 1953]],
    ['newest first', () => ({ familyId }), 'newest', [1953, 391, 156]],
    ['in a range of steps', () => ({ minimumStep: 156, maximumStep: 391 }), 'step', [156, 391]],
    ['of a stage', () => ({ stage: 'pretraining', minimumStep: 1953 }), 'step', [1953]],
    ['of a stage without any', () => ({ stage: 'rl' }), 'step', []],
    ['by the beginning of the name', () => ({ namePrefix: 'forge-1-pretrain-000' }), 'name', [156, 391]],
    ['by a beginning that is no name', () => ({ namePrefix: '%' }), 'name', []],
    ['of kinds', () => ({ kinds: ['adapter'] }), 'name', []],
    ['of statuses', () => ({ statuses: ['draft'], namePrefix: 'forge' }), 'name', [156, 391, 1953]],
    ['own', () => ({ own: true, namePrefix: 'forge' }), 'name', [156, 391, 1953]],
  ])('are listed %s', async (_, filter, order, steps) => {
    const found = await fixture.as(fixture.lab, (tx) => listCheckpoints(tx, filter(), order, {}));
    expect(found.nodes.map((checkpoint) => checkpoint.step)).toEqual(steps);
  });

  it('are found by the beginning of their name through the index', async () => {
    const plan = await fixture.as(fixture.partner, async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off');
      return tx.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN SELECT c.* FROM checkpoints c WHERE c.name >= 'forge' AND c.name < 'forge~' ORDER BY c.name, c.id LIMIT 21`,
      );
    });
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Cond: .*name >= 'forge'/);
  });
});

describe('recipes', () => {
  const publish = (change: object = {}) =>
    fixture.as(fixture.lab, (tx) =>
      fixture.recipes.publish(tx, {
        familyId,
        method: 'supervised',
        hyperparameters: { ...SUPERVISED_RECIPE, ...change },
        notes: '',
      }),
    );
  const resolved = () => fixture.as(fixture.partner, (tx) => fixture.catalog.resolveRecipe(tx, familyId, 'supervised'));

  it('are recommended in their newest version', async () => {
    await expect(resolved()).rejects.toMatchObject({ code: 'RECIPE_NOT_FOUND' });
    await publish();
    await publish({ learning_rate: 0.002 });
    expect(await resolved()).toMatchObject({ version: 2, hyperparameters: { rank: 16, learning_rate: 0.002 } });
  });

  it('say everything and nothing that can not be served', async () => {
    await expect(publish({ rank: 128 })).rejects.toMatchObject({ code: 'RANK_NOT_SERVABLE' });
    for (const change of [{ alpha: undefined }, { rank: 0 }, { seed: 1 }, { surprise: true }])
      await expect(publish(change)).rejects.toMatchObject({ code: 'RECIPE_INVALID' });
  });
});

describe('evaluations', () => {
  const figure = {
    name: 'ada-to-c',
    metric: 'exact_match',
    value: 0.94,
    examples: 200,
    higherIsBetter: true,
    source: 'lab',
  };
  const attach = (part: object = {}, who = fixture.lab) =>
    fixture.as(who, (tx) => fixture.evaluations.attach(tx, checkpoints[0]!.id, [{ ...figure, ...part }]));

  it('are attached by the owner, once, and do not change', async () => {
    await attach();
    await attach();
    await expect(attach({ value: 0.95 })).rejects.toMatchObject({
      code: 'EVALUATION_EXISTS',
      path: ['evaluations', 0],
    });
    await expect(attach({}, fixture.partner)).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    const [figures] = await fixture.as(fixture.lab, (tx) =>
      fixture.evaluations.ofCheckpoints(tx, [checkpoints[0]!.id]),
    );
    expect(figures).toEqual([expect.objectContaining({ ...figure, measuredAt: clock.now() })]);
  });
});

describe('samples', () => {
  const first = { prompt: 'C: Pump : Integer;', output: 'int pump;', source: 'greedy' };
  const second = { ...first, prompt: `C: ${'Pump_'.repeat(1_000)} : Integer;` };
  const attach = (samples: Array<typeof first>, who = fixture.lab) =>
    fixture.as(who, (tx) => fixture.samples.attach(tx, checkpoints[0]!.id, samples));

  it('are attached by the owner, keep their order, and do not change', async () => {
    await attach([second, first]);
    await attach([first]);
    await expect(attach([second, { ...first, output: 'long pump;' }])).rejects.toMatchObject({
      code: 'SAMPLE_EXISTS',
      path: ['samples', 1, 'output'],
    });
    await expect(attach([first], fixture.partner)).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    const samples = await fixture.as(fixture.lab, (tx) =>
      fixture.samples.ofCheckpoints(tx, [checkpoints[1]!.id, checkpoints[0]!.id]),
    );
    expect(samples).toEqual([[], [second, first]]);
  });
});
