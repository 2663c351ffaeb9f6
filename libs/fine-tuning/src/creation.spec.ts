import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SpendCapService } from '#libs/contracts';
import { DatasetsService } from '#libs/datasets';
import { newId } from '#libs/kernel';
import type { FineTuneJob } from './fine-tune-job.js';
import type { FineTuneRequest } from './fine-tune-request.js';
import { FineTuningFixture, GOOD_REPORT, RECIPE, type Tuner } from './fine-tuning.fixture.js';
import { FineTuningService } from './fine-tuning.service.js';
import { seedOf } from './hyperparameters.js';

const MINUTE = 60_000;

let fixture: FineTuningFixture;
let tuner: Tuner;

beforeAll(async () => {
  fixture = await FineTuningFixture.start();
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  tuner = await fixture.tuner();
});

const jobsOf = (who: Tuner) =>
  fixture.as(who, (tx) => tx.query<{ id: string }>('SELECT id FROM fine_tune_jobs ORDER BY id'));
const create = (input: object) =>
  fixture.graphql.mutate(tuner.who, 'createFineTuneJob', input, 'fineTuneJob { id status }');

describe('a new job', () => {
  test('waits for its file, then it is priced, reserved for and queued with every value resolved', async () => {
    const waiting = await fixture.create(tuner, { suffix: 'rust', metadata: { team: 'a' } });
    expect(waiting).toMatchObject({ status: 'validating_files', recipe: null, computeJobId: null, quotedNanos: null });
    fixture.clock.advance(MINUTE);
    await fixture.endPreparation(tuner, waiting.preparationId!);
    const job = await fixture.job(tuner, waiting.id);
    expect(job).toMatchObject({
      status: 'queued',
      seed: seedOf(job.id),
      plannedSteps: 6,
      plannedTokens: 100,
      quotedNanos: 350n,
      estimatedSeconds: 20,
      estimatedFinishAt: new Date(fixture.clock.now().getTime() + 20_000),
      recipe: { type: 'sft_lora', rank: RECIPE.rank, learning_rate: RECIPE.learning_rate, seed: seedOf(job.id) },
      costNanos: null,
      startedAt: null,
    });
    expect(await fixture.reservation(tuner, job.id)).toMatchObject({ status: 'held', cap_nanos: '350' });
    const computeJob = await fixture.computeJob(tuner, job.computeJobId!);
    expect(computeJob).toMatchObject({
      kind: 'train',
      state: 'queued',
      ownerId: job.id,
      parameters: { base_name: tuner.checkpoint.name, method: job.recipe },
      outputPrefix: `org/${tuner.organizationId}/fine-tune-jobs/${job.id}/`,
    });
    expect(computeJob.inputs.map(({ name, files }) => [name, files.map((file) => file.path)])).toEqual([
      ['base', ['model.safetensors', 'tokenizer.json']],
      ['prepared', ['report.json']],
    ]);
  });

  test('on a file that is validated is queued at once', async () => {
    const { trainingFileId } = await fixture.queued(tuner);
    expect(await fixture.create(tuner, { trainingFileId })).toMatchObject({ status: 'queued', quotedNanos: 350n });
  });

  test('holds its files until it is over', async () => {
    const validationFileId = await fixture.file(tuner);
    const { id, trainingFileId } = await fixture.create(tuner, { validationFileId });
    const remove = (fileId: string) =>
      fixture.as(tuner, (tx) => fixture.graphql.get(DatasetsService).deleteVersion(tx, fileId));
    for (const fileId of [trainingFileId, validationFileId])
      await expect(remove(fileId)).rejects.toMatchObject({ code: 'FILE_IN_USE', message: expect.stringContaining(id) });
  });

  test('is priced as on the day it was asked for', async () => {
    const dear = await fixture.create(tuner);
    fixture.clock.advance(MINUTE);
    await fixture.publishPrice(1n, 1n);
    const cheap = await fixture.create(tuner);
    try {
      for (const { preparationId } of [dear, cheap]) await fixture.endPreparation(tuner, preparationId!);
      expect(await fixture.job(tuner, dear.id)).toMatchObject({ quotedNanos: 350n });
      expect(await fixture.job(tuner, cheap.id)).toMatchObject({ quotedNanos: 100n });
    } finally {
      fixture.clock.advance(MINUTE);
      await fixture.publishPrice(7n, 2n);
    }
  });
});

describe('a job whose file or price stands in its way ends', () => {
  const kept = [1, 4, 9, 16].map((line) => ({
    source: 'dataset' as const,
    line,
    pointer: '/messages/0/role',
    code: 'invalid_role' as const,
    message: 'No such role.',
    fix: 'Use another.',
  }));
  const bad = { outcome: 'invalid', errors: { total: 7, by_code: { invalid_role: 7 }, kept } } as const;

  async function expectOver(job: FineTuneJob, error: object): Promise<void> {
    expect(await fixture.job(tuner, job.id)).toMatchObject({
      status: 'failed',
      error,
      computeJobId: null,
      reservationId: null,
      costNanos: 0n,
      trainedTokens: 0,
      finishedAt: fixture.clock.now(),
    });
    expect(await fixture.reservation(tuner, job.id)).toBeNull();
    await fixture.as(tuner, (tx) => fixture.graphql.get(DatasetsService).deleteVersion(tx, job.trainingFileId));
  }

  test('naming the lines of a bad file', async () => {
    const job = await fixture.create(tuner);
    await fixture.endPreparation(tuner, job.preparationId!, bad);
    const line = (number: number) => `Line ${number} (/messages/0/role): No such role. Fix: Use another.`;
    const message = `${line(1)} ${line(4)} ${line(9)} And 4 more.`;
    await expectOver(job, { code: 'invalid_training_file', message, param: 'training_file' });
  });

  test('at once, where the file is known to be bad', async () => {
    const first = await fixture.create(tuner);
    await fixture.endPreparation(tuner, first.preparationId!, bad);
    const job = await fixture.create(tuner, { trainingFileId: first.trainingFileId });
    expect(job.error).toMatchObject({ code: 'invalid_training_file', message: expect.stringContaining('Line 1 ') });
    await expectOver(job, job.error!);
  });

  test('when nothing is left to train on', async () => {
    const job = await fixture.create(tuner);
    const { rows, tokens } = GOOD_REPORT;
    await fixture.endPreparation(tuner, job.preparationId!, { rows: { ...rows, train: 0 }, tokens });
    const message = expect.stringContaining('No row is left');
    await expectOver(job, { code: 'training_split_empty', message, param: 'training_file' });
  });

  test('when validation itself failed; who asks again gets it done again', async () => {
    const job = await fixture.create(tuner);
    const error = { code: 'base_unusable', message: 'No tokenizer.', fix: '', retryable: false };
    const preparing = await computeJobOfPreparation(job.preparationId!);
    await fixture.begin(tuner, preparing);
    await fixture.end(tuner, preparing, { outcome: 'failed', error });
    const { trainingFileId, preparationId } = job;
    const again = await fixture.create(tuner, { trainingFileId });
    expect(again).toMatchObject({ status: 'validating_files', preparationId });
    await fixture.endPreparation(tuner, preparationId!);
    expect((await fixture.job(tuner, again.id)).status).toBe('queued');
    await fixture.as(tuner, (tx) => fixture.graphql.get(FineTuningService).cancel(tx, again.id));
    await expectOver(job, { code: 'preparation_failed', message: 'No tokenizer.', param: null });
  });

  test('when it would cost more than its cap; a job beside it on the same file goes on', async () => {
    const capped = await fixture.create(tuner, { costCapNanos: 349n });
    const { trainingFileId } = capped;
    const other = await fixture.create(tuner, { trainingFileId, costCapNanos: 350n });
    await fixture.endPreparation(tuner, capped.preparationId!);
    expect(await fixture.job(tuner, other.id)).toMatchObject({ status: 'queued', quotedNanos: 350n });
    await fixture.as(tuner, (tx) => fixture.graphql.get(FineTuningService).cancel(tx, other.id));
    const message = expect.stringMatching(/costs 0\.00000035 USD.* cap of 0\.000000349 USD/);
    await expectOver(capped, { code: 'cost_cap_too_low', message, param: 'cost_cap' });
  });

  test('when a spend cap has too little left, by its clause; nothing is reserved or submitted', async () => {
    const price = { kind: 'flat', priceNanos: '7', perUnits: '2' };
    const contractId = await fixture.agree(tuner, [{ id: 'all', meter: 'training_tokens', match: {}, price }]);
    const terms = {
      organizationId: tuner.organizationId,
      projectId: tuner.projectId,
      apiKeyId: null,
      limitNanos: 349n,
    };
    const cap = { ...terms, currency: 'EUR', period: 'month', isHard: true, alertPercents: [] } as const;
    const ground = { contractId, clause: '7.2 Spending' };
    const capId = await fixture.as(fixture.lab, (tx) => fixture.graphql.get(SpendCapService).set(tx, cap, ground));
    const job = await fixture.create(tuner);
    await fixture.endPreparation(tuner, job.preparationId!);
    const quoted = await fixture.as(tuner, async (tx) =>
      fixture.graphql
        .get(FineTuningService)
        .quote(tx, await fixture.request(tuner, { trainingFileId: job.trainingFileId })),
    );
    expect(quoted).toMatchObject({ quote: { priceNanos: 350n }, refusingCapId: capId });
    const message = expect.stringContaining(
      `(clause "7.2 Spending" of the contract ${contractId}) has 0.000000349 EUR left`,
    );
    await expectOver(job, { code: 'spend_cap_exceeded', message, param: null });
    const trained = await fixture.as(tuner, (tx) =>
      tx.query(`SELECT FROM compute_jobs WHERE organization_id = :organization AND owner_id = $1`, [job.id]),
    );
    expect(trained).toEqual([]);
  });

  const computeJobOfPreparation = (id: string) =>
    fixture.as(tuner, async (tx) => {
      const row = await tx.one<{ id: string }>('SELECT compute_job_id AS id FROM preparations WHERE id = $1', [id]);
      return row!.id;
    });
});

test('a message of an end that is out of date leaves a job waiting', async () => {
  const { preparationId, id } = await fixture.create(tuner);
  const { trainingFileId } = await fixture.job(tuner, id);
  const payload = { preparationId, versionId: trainingFileId, validationVersionId: null, outcome: 'failed' };
  const { organizationId } = tuner;
  await fixture.messages.handle({ type: 'datasets.preparation.ended', payload, organizationId } as never);
  expect((await fixture.job(tuner, id)).status).toBe('validating_files');
});

describe('by GraphQL the idempotency key says whether it is the same', () => {
  test('the same again is the same job; another request under the key is refused', async () => {
    const { projectId, checkpoint } = tuner;
    const trainingFileId = await fixture.file(tuner);
    const request = { projectId, trainingFileId, model: checkpoint.name, costCapNanos: '1000', metadata: { a: 'b' } };
    const idempotencyKey = newId('req');
    const first = await create({ idempotencyKey, ...request });
    expect(first).toMatchObject({ fineTuneJob: { status: 'VALIDATING_FILES' }, userErrors: [] });
    const both = [create({ idempotencyKey, ...request }), create({ idempotencyKey, ...request })];
    for (const again of await Promise.all(both)) expect(again).toEqual(first);
    const other = await create({ idempotencyKey, ...request, costCapNanos: '1001' });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED', path: ['idempotencyKey'] }]);
    expect(await jobsOf(tuner)).toEqual([{ id: first.fineTuneJob.id }]);
    expect((await create(request)).fineTuneJob.id).not.toBe(first.fineTuneJob.id);
  });
});

describe('by OpenAI’s endpoints a retry is known by its request', () => {
  const service = () => fixture.graphql.get(FineTuningService);
  const retry = (request: FineTuneRequest, who = tuner) =>
    fixture.as(who, (tx) => service().createOrRepeat(tx, request));

  test('within ten minutes it is the same job, afterwards another one', async () => {
    const request = await fixture.request(tuner, { hyperparameters: { epochs: 1, batchSize: 4 } });
    const first = await fixture.create(tuner, request);
    fixture.clock.advance(10 * MINUTE);
    const reordered = { ...request, hyperparameters: { batchSize: 4, epochs: 1 } };
    expect(await retry(reordered)).toEqual(first);
    const other = await retry({ ...request, hyperparameters: { epochs: 1, batchSize: 8 } });
    expect(other.id).not.toBe(first.id);
    fixture.clock.advance(1);
    const later = await retry(request);
    expect([first.id, other.id]).not.toContain(later.id);
    // Not a retry: asked for twice.
    expect((await fixture.create(tuner, request)).id).not.toBe(later.id);
  });

  test('two at once are one job', async () => {
    const request = await fixture.request(tuner);
    const [one, two] = await Promise.all([retry(request), retry(request)]);
    expect(one.id).toBe(two.id);
    expect(await jobsOf(tuner)).toEqual([{ id: one.id }]);
  });

  test('one that overtakes the first, whose answer got lost, waits for it', async () => {
    const request = await fixture.request(tuner);
    const { first, second } = await fixture.as(tuner, async (tx) => {
      const first = await service().create(tx, request);
      const second = retry(request);
      const waits = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      while ((await tx.query(waits)).length === 0);
      return { first, second: { job: second } };
    });
    expect((await second.job).id).toBe(first.id);
  });

  test('a colleague’s equal request is another job', async () => {
    const request = await fixture.request(tuner);
    const first = await retry(request);
    const colleague = { ...tuner, scope: { ...tuner.scope, actor: { type: 'user', id: newId('user') } } } as Tuner;
    expect((await retry(request, colleague)).id).not.toBe(first.id);
  });
});
