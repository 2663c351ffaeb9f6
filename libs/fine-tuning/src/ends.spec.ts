import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DatasetsService } from '#libs/datasets';
import type { Message } from '#platform/outbox';
import { ObjectStore } from '#platform/storage';
import type { FineTuneJob } from './fine-tune-job.js';
import { FineTuningFixture, type Tuner } from './fine-tuning.fixture.js';

let fixture: FineTuningFixture;
let tuner: Tuner;

beforeAll(async () => {
  fixture = await FineTuningFixture.start();
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  tuner = await fixture.tuner();
});

const move = (act: 'cancel' | 'pause' | 'resume', job: FineTuneJob) => fixture.move(tuner, act, job.id);

describe('a job that is stopped', () => {
  test('before anything was trained costs nothing, and its reservation and files are let go', async () => {
    const job = await fixture.queued(tuner);
    await move('cancel', job);
    const finishedAt = fixture.clock.now();
    expect(await fixture.job(tuner, job.id)).toMatchObject({
      trainedTokens: 0,
      costNanos: 0n,
      error: null,
      finishedAt,
    });
    expect(await fixture.reservation(tuner, job.id)).toMatchObject({ status: 'released', settled_nanos: null });
    expect(await fixture.usage(tuner, job.id)).toEqual([]);
    await fixture.as(tuner, (tx) => fixture.graphql.get(DatasetsService).deleteVersion(tx, job.trainingFileId));
  });

  test.each(['running', 'paused'] as const)('while it is %s is billed for what was trained', async (state) => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 11, 9);
    if (state === 'running') {
      expect(await move('cancel', job)).toBe('running');
      // Asking again does no harm.
      expect(await move('cancel', job)).toBe('running');
      await fixture.end(tuner, job.computeJobId!, { outcome: 'cancelled' });
    } else {
      await move('pause', job);
      await fixture.end(tuner, job.computeJobId!, { outcome: 'paused' });
      expect(await move('cancel', job)).toBe('cancelled');
    }
    expect(await fixture.job(tuner, job.id)).toMatchObject({ status: 'cancelled', trainedTokens: 20, costNanos: 70n });
    expect(await fixture.reservation(tuner, job.id)).toMatchObject({ status: 'settled', settled_nanos: '70' });
    expect(await fixture.usage(tuner, job.id)).toMatchObject([{ training_tokens: '20' }]);
  });

  test('between two attempts is so at once', async () => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 10);
    await fixture.lose(tuner, job.computeJobId!);
    expect(await move('pause', job)).toBe('paused');
    expect(await move('resume', job)).toBe('queued');
    expect(await move('cancel', job)).toBe('cancelled');
    expect(await fixture.job(tuner, job.id)).toMatchObject({ trainedTokens: 10, costNanos: 35n });
  });

  test('and was paused before goes on from where it stood, in the time it began', async () => {
    const job = await fixture.running(tuner);
    await move('pause', job);
    await fixture.end(tuner, job.computeJobId!, { outcome: 'paused' });
    fixture.clock.advance(3_600_000);
    await move('resume', job);
    await fixture.begin(tuner, job.computeJobId!);
    const { status, startedAt } = await fixture.job(tuner, job.id);
    expect({ status, startedAt }).toEqual({ status: 'running', startedAt: job.startedAt });
  });

  test('is not paused again by a message that is repeated after it was resumed', async () => {
    const job = await fixture.running(tuner);
    await move('pause', job);
    const [paused] = await fixture.end(tuner, job.computeJobId!, { outcome: 'paused' });
    await move('resume', job);
    await fixture.messages.handle(paused!);
    expect((await fixture.job(tuner, job.id)).status).toBe('queued');
    await fixture.begin(tuner, job.computeJobId!);
    await fixture.messages.handle(paused!);
    expect((await fixture.job(tuner, job.id)).status).toBe('running');
  });
});

describe('a job that succeeded', () => {
  test('is billed once, at the price of the day it was accepted, and has its variant and its curves', async () => {
    const job = await fixture.running(tuner, { suffix: 'rust' });
    const startedAt = fixture.clock.now();
    fixture.clock.advance(60_000);
    await fixture.publishPrice(1_000n, 1n);
    try {
      await fixture.train(job.computeJobId!, 60, 40);
      await fixture.succeed(tuner, job);
    } finally {
      fixture.clock.advance(1);
      await fixture.publishPrice(7n, 2n);
    }
    const { id, createdAt, parentName, parentCheckpointId, familyId } = job;
    const done = await fixture.job(tuner, id);
    expect(done).toMatchObject({ status: 'succeeded', trainedTokens: 100, costNanos: 350n, startedAt, error: null });
    expect(done.outputName).toMatch(new RegExp(`^ft:${parentName}:.+:rust:.{6}$`));
    const settled = { status: 'settled', cap_nanos: '350', actual_nanos: '350', settled_nanos: '350' };
    expect(await fixture.reservation(tuner, id)).toEqual(settled);
    expect(await fixture.usage(tuner, id)).toEqual([
      {
        model: parentName,
        checkpoint_id: parentCheckpointId,
        base_checkpoint_id: parentCheckpointId,
        family_id: familyId,
        training_tokens: '100',
        admitted_at: createdAt,
      },
    ]);
    const query = `query($id: ID!) { node(id: $id) { ... on FineTuneJob { cost { nanos } trainedTokens parent { id } error { code }
      checkpoint { id name step tokensSeen loss recipe { method parameters } parent { id } } } } }`;
    const { node } = await fixture.graphql.ask(tuner.who, query, { id });
    expect(node).toMatchObject({ cost: { nanos: '350' }, trainedTokens: '100', parent: { id: parentCheckpointId } });
    expect(node.checkpoint).toMatchObject({
      id: done.outputCheckpointId,
      name: done.outputName,
      step: 6,
      tokensSeen: '100',
      loss: 0.5,
      recipe: { method: 'supervised', parameters: { ...done.recipe, policy: done.policy } },
      parent: { id: parentCheckpointId },
    });
    const file = await fixture.as(tuner, (tx) =>
      fixture.graphql.get(DatasetsService).getVersion(tx, done.resultFileId!),
    );
    expect(file).toMatchObject({ purpose: 'fine-tune-results', filename: 'step_metrics.csv' });
    const header = 'step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy';
    expect(await fixture.graphql.get(ObjectStore).getText(file.objectKey)).toBe(`${header}\n1,1,,,\n2,0.5,,,\n`);
  });

  test('is never billed above its reservation, whatever was counted', async () => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 100, 100);
    await fixture.succeed(tuner, job);
    expect(await fixture.job(tuner, job.id)).toMatchObject({ trainedTokens: 200, costNanos: 350n });
    const settled = { actual_nanos: '700', settled_nanos: '350' };
    expect(await fixture.reservation(tuner, job.id)).toMatchObject(settled);
  });

  test('is billed once for a step that a second attempt ran again', async () => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 30, 20);
    await fixture.lose(tuner, job.computeJobId!);
    await fixture.begin(tuner, job.computeJobId!);
    await fixture.train(job.computeJobId!, 30, 20, 10);
    await fixture.succeed(tuner, job);
    expect(await fixture.job(tuner, job.id)).toMatchObject({ status: 'succeeded', trainedTokens: 60, costNanos: 210n });
  });
});

describe('a job without a variant at its end', () => {
  test('says why it failed and what to do, and is billed for what was trained', async () => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 10);
    const told = {
      code: 'loss_not_finite',
      message: 'The loss is NaN.',
      fix: 'Lower the learning rate.',
      retryable: false,
    };
    const error = { code: 'loss_not_finite', message: 'The loss is NaN. Lower the learning rate.', param: null };
    const done = { status: 'failed', error, costNanos: 35n, outputCheckpointId: null, resultFileId: null };
    expect(await fixture.ended(tuner, job, { outcome: 'failed', error: told })).toMatchObject(done);
  });

  test('failed, if what it made can’t be served', async () => {
    const job = await fixture.running(tuner);
    const output = await fixture.outputOf(tuner, job.computeJobId!, { kind: 'adapter', step: 6 }, [
      'adapter_config.json',
    ]);
    expect(await fixture.ended(tuner, job, { outcome: 'succeeded', output })).toMatchObject({
      status: 'failed',
      error: { code: 'output_differs_from_base' },
      outputCheckpointId: null,
      costNanos: 0n,
    });
    expect(await fixture.reservation(tuner, job.id)).toMatchObject({ status: 'released' });
  });
});

describe('messages', () => {
  const checkpointsOf = ({ id }: FineTuneJob) =>
    fixture.as(tuner, (tx) => tx.query('SELECT id, name, step FROM checkpoints WHERE fine_tune_job_id = $1', [id]));

  /** As compute publishes it for a checkpoint that was read back. */
  async function save(job: FineTuneJob, step: number, paths?: string[]): Promise<Message[]> {
    const output = paths
      ? await fixture.outputOf(tuner, job.computeJobId!, { kind: 'checkpoint', step }, paths)
      : await fixture.adapterOf(tuner, job, step, 'checkpoint');
    const payload = { computeJobId: job.computeJobId!, kind: 'train' as const, ownerId: job.id, step, output };
    await fixture.as(tuner, async (tx) =>
      tx.publish({ type: 'compute.checkpoint.saved', key: job.computeJobId!, payload }),
    );
    return fixture.messages.deliver();
  }

  test('that come again, late and in any order change nothing', async () => {
    const job = await fixture.create(tuner);
    const first = fixture.messages.delivered.length;
    await fixture.endPreparation(tuner, job.preparationId!);
    const queued = await fixture.job(tuner, job.id);
    await fixture.begin(tuner, queued.computeJobId!);
    await fixture.train(queued.computeJobId!, 50, 50);
    await save(queued, 1);
    await fixture.succeed(tuner, queued);
    const told = fixture.messages.delivered.slice(first);
    const standing = async () => ({
      job: await fixture.job(tuner, job.id),
      checkpoints: await checkpointsOf(job),
      reservation: await fixture.reservation(tuner, job.id),
      usage: await fixture.usage(tuner, job.id),
    });
    const before = await standing();
    expect(before).toMatchObject({ job: { status: 'succeeded' }, checkpoints: [{ step: 1 }, { step: 6 }] });
    expect([...new Set(told.map(({ type }) => type))]).toHaveLength(4);
    fixture.clock.advance(60_000);
    for (const message of [...told].reverse()) await fixture.messages.handle(message);
    await Promise.all(told.map((message) => fixture.messages.handle(message)));
    expect(await standing()).toEqual(before);
  });

  test('of an end that two workers handle at once bill once', async () => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 10);
    const output = await fixture.adapterOf(tuner, job, 6);
    const payload = { computeJobId: job.computeJobId!, kind: 'train', ownerId: job.id, outcome: 'succeeded', output };
    const { organizationId } = tuner;
    const message = { type: 'compute.job.ended', payload, organizationId } as never;
    await Promise.all([fixture.messages.handle(message), fixture.messages.handle(message)]);
    expect(await fixture.job(tuner, job.id)).toMatchObject({ status: 'succeeded', costNanos: 35n });
    expect(await checkpointsOf(job)).toHaveLength(1);
    expect(await fixture.usage(tuner, job.id)).toHaveLength(1);
  });

  test('of intermediate checkpoints make each a model of its own, once; what can’t be served is left out', async () => {
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 30, 20, 10);
    const [first] = await save(job, 2);
    await save(job, 3, ['adapter_config.json']);
    await fixture.messages.handle(first!);
    const [known, ...others] = await checkpointsOf(job);
    expect(known).toMatchObject({ step: 2, name: expect.stringMatching(/:step-2$/) });
    expect(others).toEqual([]);
    await fixture.succeed(tuner, job);
    expect(await checkpointsOf(job)).toHaveLength(2);
  });
});
