import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { ComputePlatform, until } from './compute.fixture.js';
import { attemptPrefix } from './compute-job.js';

/** The attempt after the interesting one is only to come to an end. */
const HURRIED_END = { attempts: { 2: { stepMilliseconds: 1 } } };

describe('a compute job', () => {
  let platform: ComputePlatform;

  beforeAll(async () => {
    platform = await ComputePlatform.start();
  });

  afterEach(async () => {
    await platform.stopWorkers();
  });

  afterAll(async () => {
    await platform.stop();
  });

  it('runs from the queue to a verified result, and tells all of it', async () => {
    await platform.startWorker();
    const id = await platform.submit({ steps: 6, checkpointEvery: 4 });
    const job = await platform.reaches(id, 'succeeded');

    expect(job).toMatchObject({
      attempts: 1,
      failures: 0,
      error: null,
      progress: { stage: 'training', step: 6, totalSteps: 6, tokens: 600, secondsLeft: 1 },
      output: { attempt: 1, keyPrefix: `${attemptPrefix(job, 1)}output/`, folder: { prefix: 'output' } },
    });
    expect(job.startedAt!.getTime()).toBeGreaterThanOrEqual(job.createdAt.getTime());
    expect(job.endedAt!.getTime()).toBeGreaterThan(job.startedAt!.getTime());
    expect(await platform.store.getText(`${job.output!.keyPrefix}adapter.txt`)).toBe('of 6 steps');

    const events = await platform.events(id);
    expect(events.filter(({ type }) => type === 'state').map(({ data }) => (data as { state: string }).state)).toEqual([
      'queued',
      'starting',
      'running',
      'verifying',
      'succeeded',
    ]);
    expect(events.filter(({ type }) => type !== 'state').map(({ message }) => message)).toEqual([
      'begins at step 1',
      'Checkpoint at step 4 is stored.',
    ]);
    expect((await platform.series(id, 'train_loss')).map(({ step, value }) => [step, value])).toEqual(
      [1, 2, 3, 4, 5, 6].map((step) => [step, 1 / step]),
    );
    expect(await platform.tx((tx) => platform.service.metricTotal(tx, id, 'tokens'))).toBe(600);

    const owner = { computeJobId: id, kind: 'train', ownerId: 'ftjob_spec' };
    expect(await platform.messages(id, 'compute.job.started')).toEqual([{ ...owner, attempt: 1 }]);
    expect(await platform.messages(id, 'compute.checkpoint.saved')).toMatchObject([{ ...owner, step: 4 }]);
    expect(await platform.messages(id, 'compute.job.ended')).toMatchObject([
      { ...owner, outcome: 'succeeded', output: job.output },
    ]);
  });

  it('keeps what the process printed: live by offset, then as one object', async () => {
    await platform.startWorker();
    const read = <T>(work: Parameters<typeof platform.tx<T>>[0]) => platform.tx(work);
    const log = async (offset = 0) => (await platform.history.logs(read, [id], { attempt: 1, offset }))[0];
    const id = await platform.submit({ steps: 15, stepMilliseconds: 100 });
    await until(async () => (await log())?.text === 'attempt 1 begins at step 1\n');
    expect(await log()).toEqual({
      attempt: 1,
      offset: 0,
      nextOffset: 27,
      text: 'attempt 1 begins at step 1\n',
      complete: false,
    });
    await platform.reaches(id, 'succeeded');
    await until(async () => (await platform.attempts(id))[0]!.releasedAt !== null);
    expect(await log(27)).toEqual({ attempt: 1, offset: 27, nextOffset: 32, text: 'done\n', complete: true });
    const [attempt] = await platform.attempts(id);
    expect(await platform.store.getText(attempt!.logKey!)).toBe('attempt 1 begins at step 1\ndone\n');
    expect(await platform.query('SELECT FROM compute_log_chunks WHERE attempt_id = $1', [attempt!.id])).toEqual([]);
    expect(await platform.driver({}).keys()).toEqual([]);
  });

  it('goes on after the newest whole checkpoint when its process is killed; steps run again replace their metrics', async () => {
    await platform.startWorker();
    const id = await platform.submit({ steps: 12, checkpointEvery: 4, attempts: { 1: { killAtStep: 11 } } });
    const job = await platform.reaches(id, 'succeeded');
    expect(job).toMatchObject({ attempts: 2, failures: 1, output: { attempt: 2 } });
    const [first, second] = await platform.attempts(id);
    expect(first).toMatchObject({ outcome: 'failed', exit: { how: 'signalled', signal: 'SIGKILL' }, resume: null });
    expect(first!.error).toMatchObject({ code: 'killed' });
    expect(second).toMatchObject({ outcome: 'succeeded', resume: { attempt: 1, step: 8 } });

    // learning_rate tells which attempt wrote the row.
    const steps = (await platform.series(id, 'learning_rate')).map(({ step, value }) => [step, value]);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((step) => [step, step <= 8 ? 1 : 2]));
    expect(await platform.tx((tx) => platform.service.metricTotal(tx, id, 'tokens'))).toBe(1200);
    expect(await platform.messages(id, 'compute.job.started')).toHaveLength(2);
    expect(await platform.messages(id, 'compute.job.ended')).toHaveLength(1);
  });

  it('passes over a checkpoint that is not whole any more', async () => {
    const worker = await platform.startWorker();
    const id = await platform.submit({ steps: 12, checkpointEvery: 4, attempts: { 1: { hangAtStep: 11 } } });
    await platform.passes(id, 10);
    await platform.stopWorker(worker);
    const job = await platform.job(id);
    await platform.store.delete(`${attemptPrefix(job, 1)}checkpoints/step-8/state.txt`);
    await platform.driver({}).cancel(`${id}.1`, 'kill');
    await platform.startWorker();
    await platform.reaches(id, 'succeeded');
    expect((await platform.attempts(id))[1]).toMatchObject({ resume: { attempt: 1, step: 4 } });
  });

  it('pauses with its state saved, and resumes after it', async () => {
    await platform.startWorker();
    const id = await platform.submit({ steps: 30, stepMilliseconds: 80, checkpointEvery: 1000, ...HURRIED_END });
    await platform.passes(id, 3);
    expect(await platform.tx((tx) => platform.service.pause(tx, id))).toBe('pausing');
    const paused = await platform.reaches(id, 'paused');
    expect(paused.endedAt).toBeNull();
    expect(await platform.messages(id, 'compute.job.ended')).toMatchObject([{ outcome: 'paused' }]);
    const [first] = await platform.attempts(id);
    expect(first).toMatchObject({ outcome: 'stopped', exit: { how: 'exited', code: 75 } });

    expect(await platform.tx((tx) => platform.service.resume(tx, id))).toBe('queued');
    const job = await platform.reaches(id, 'succeeded');
    expect(job).toMatchObject({ attempts: 2, failures: 0 });
    const [, second] = await platform.attempts(id);
    expect(second!.resume!.step).toBeGreaterThanOrEqual(3);
    const attemptOfStep = (await platform.series(id, 'learning_rate')).map(({ value }) => value);
    expect(attemptOfStep.filter((attempt) => attempt === 1)).toHaveLength(second!.resume!.step);
    expect(attemptOfStep).toHaveLength(30);
  });

  it('pauses at once while it waits, by force when its process won’t listen', async () => {
    const waiting = await platform.submit({});
    expect(await platform.tx((tx) => platform.service.pause(tx, waiting))).toBe('paused');
    await platform.startWorker();
    const deaf = await platform.submit({ steps: 1000, stepMilliseconds: 40, checkpointEvery: 4, deaf: true });
    await platform.passes(deaf, 5);
    await platform.tx((tx) => platform.service.pause(tx, deaf));
    await platform.reaches(deaf, 'paused');
    expect((await platform.attempts(deaf))[0]).toMatchObject({ outcome: 'failed', error: { code: 'stop_overdue' } });
    expect((await platform.job(waiting)).attempts).toBe(0);
  });

  it('is cancelled for good: what the process told until then counts, and it stores nothing more', async () => {
    await platform.startWorker();
    const id = await platform.submit({ steps: 1000, stepMilliseconds: 40, checkpointEvery: 2 });
    await platform.passes(id, 3);
    const resume = () => platform.tx((tx) => platform.service.resume(tx, id));
    await expect(resume()).rejects.toMatchObject({ code: 'COMPUTE_JOB_NOT_PAUSED' });
    expect(await platform.tx((tx) => platform.service.cancel(tx, id))).toBe('cancelling');
    const job = await platform.reaches(id, 'cancelled');
    expect(job.output).toBeNull();
    expect((await platform.attempts(id))[0]).toMatchObject({ outcome: 'cancelled' });
    expect(await platform.messages(id, 'compute.job.ended')).toMatchObject([{ outcome: 'cancelled' }]);
    expect(await platform.tx((tx) => platform.service.metricTotal(tx, id, 'tokens'))).toBeGreaterThanOrEqual(300);
    await expect(resume()).rejects.toMatchObject({ code: 'COMPUTE_JOB_NOT_PAUSED' });

    const queued = await platform.submit({}, { maxAttempts: 1 });
    await platform.tx((tx) => platform.service.pause(tx, queued)).catch(() => undefined);
    const cancelled = await platform.tx((tx) => platform.service.cancel(tx, queued));
    expect(['cancelled', 'cancelling']).toContain(cancelled);
    await platform.reaches(queued, 'cancelled');
  });

  it('fails after as many failed attempts as it may have', async () => {
    await platform.startWorker();
    const failAtStep = { step: 2, code: 'internal_error', retryable: true };
    const id = await platform.submit({ failAtStep }, { maxAttempts: 2 });
    const job = await platform.reaches(id, 'failed');
    expect(job).toMatchObject({ attempts: 2, failures: 1, error: { code: 'internal_error', message: 'as ordered' } });
    expect(await platform.messages(id, 'compute.job.ended')).toMatchObject([
      { outcome: 'failed', error: { code: 'internal_error', message: 'as ordered', fix: 'none' } },
    ]);
  });

  it('fails at once where another attempt would not help', async () => {
    await platform.startWorker();
    const id = await platform.submit({ failAtStep: { step: 2, code: 'loss_not_finite', retryable: false } });
    expect(await platform.reaches(id, 'failed')).toMatchObject({ attempts: 1, error: { code: 'loss_not_finite' } });
  });

  it('ends as invalid, with its report kept, when the data is at fault', async () => {
    await platform.startWorker();
    const id = await platform.submit({ steps: 2, end: 'invalid' });
    const job = await platform.reaches(id, 'invalid');
    expect(job).toMatchObject({ error: { code: 'invalid_training_file' }, output: { folder: { prefix: 'output' } } });
    expect(await platform.messages(id, 'compute.job.ended')).toMatchObject([
      { outcome: 'invalid', error: { code: 'invalid_training_file', message: 'line 3 is wrong' }, output: job.output },
    ]);
  });

  it('takes no result that is not what its marker says, and no silent end for a success', async () => {
    await platform.startWorker();
    const id = await platform.submit({ steps: 3, attempts: { 1: { corrupt: true }, 2: { exitSilently: 2 } } });
    const job = await platform.reaches(id, 'succeeded');
    expect(job).toMatchObject({ attempts: 3, failures: 2 });
    const warnings = (await platform.events(id)).filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings).toEqual([
      expect.stringContaining('COMPLETE.json has another SHA-256'),
      expect.stringContaining('result_not_reported'),
    ]);
  });

  it('is cut off when it takes too long, too much memory, or falls silent', async () => {
    await platform.startWorker({ slots: 3 });
    const limits = { threads: 1, memory_bytes: 1024 ** 3, wall_seconds: 600 };
    const slow = await platform.submit(
      { steps: 1000, stepMilliseconds: 50 },
      { limits: { ...limits, wall_seconds: 1 } },
    );
    const greedy = await platform.submit(
      { steps: 1000, stepMilliseconds: 50, hoardBytes: 200 * 1024 ** 2 },
      { limits: { ...limits, memory_bytes: 128 * 1024 ** 2 } },
    );
    const silent = await platform.submit({ steps: 6, checkpointEvery: 2, attempts: { 1: { hangAtStep: 4 } } });
    await platform.passes(silent, 3);
    await platform.expireLease(silent);
    expect(await platform.reaches(slow, 'failed')).toMatchObject({ attempts: 1, error: { code: 'wall_limit' } });
    expect(await platform.reaches(greedy, 'failed')).toMatchObject({ attempts: 1, error: { code: 'memory_limit' } });
    expect(await platform.reaches(silent, 'succeeded')).toMatchObject({ attempts: 2, failures: 1 });
    expect((await platform.attempts(silent))[0]).toMatchObject({ outcome: 'lost', error: { code: 'lease_expired' } });
  });

  it('runs on while no worker is there, and is found by the next one', async () => {
    const worker = await platform.startWorker();
    const id = await platform.submit({ steps: 20, stepMilliseconds: 120, checkpointEvery: 1000 });
    await platform.passes(id, 3);
    await platform.stopWorker(worker);
    // Long enough without a worker for the lease to run out.
    await platform.expireLease(id);
    await sleep(500);
    await platform.startWorker();
    expect(await platform.reaches(id, 'succeeded')).toMatchObject({ attempts: 1, failures: 0 });
  });

  it('saves its state when the platform is told to end, and goes on at the next start', async () => {
    const worker = await platform.startWorker({ stopJobsAtEnd: true });
    const id = await platform.submit({ steps: 40, stepMilliseconds: 80, checkpointEvery: 1000, ...HURRIED_END });
    await platform.passes(id, 3);
    await platform.stopWorker(worker);
    expect(await platform.job(id)).toMatchObject({ state: 'queued', failures: 0, attempts: 1 });
    await platform.startWorker();
    const job = await platform.reaches(id, 'succeeded');
    expect(job).toMatchObject({ attempts: 2, failures: 0 });
    expect((await platform.attempts(id))[1]!.resume!.step).toBeGreaterThanOrEqual(3);
  });

  it('is ended with the platform even if it won’t listen, and is not blamed for it', async () => {
    const worker = await platform.startWorker({ stopJobsAtEnd: true, endPatienceSeconds: 1 });
    const orders = {
      steps: 8,
      checkpointEvery: 2,
      attempts: { 1: { deaf: true, hangAtStep: 6 }, ...HURRIED_END.attempts },
    };
    const id = await platform.submit(orders);
    await platform.passes(id, 5);
    await platform.stopWorker(worker);
    const driver = platform.driver({});
    expect((await driver.observe([`${id}.1`])).get(`${id}.1`)).not.toMatchObject({ phase: 'running' });
    expect(await platform.job(id)).toMatchObject({ state: 'queued', failures: 0 });
    await platform.startWorker();
    expect(await platform.reaches(id, 'succeeded')).toMatchObject({ attempts: 2, failures: 0 });
  });

  it('ends once, with nothing lost, when Redis is flushed while jobs run and wait', async () => {
    await platform.startWorker();
    const ids = [await platform.submit({ steps: 15, stepMilliseconds: 60 }), await platform.submit({ steps: 3 })];
    await platform.passes(ids[0]!, 3);
    const redis = new Redis(platform.valkey.url);
    await redis.flushdb();
    const third = await platform.submit({ steps: 3 });
    await redis.flushdb();
    redis.disconnect();
    for (const id of [...ids, third]) {
      expect(await platform.reaches(id, 'succeeded')).toMatchObject({ attempts: 1 });
      expect(await platform.messages(id, 'compute.job.ended')).toHaveLength(1);
    }
  });

  it('waits its project’s turn: a long queue of one project delays another by one job', async () => {
    const projectId = 'proj_other';
    await platform.query(
      `INSERT INTO projects (id, organization_id, name, slug, created_by, created_at) VALUES ($1, $2, 'other', 'other', 'spec', $3)`,
      [projectId, platform.organization.organizationId, new Date()],
    );
    const long: string[] = [];
    for (let n = 0; n < 4; n++) long.push(await platform.submit({ steps: 1, stepMilliseconds: 1 }));
    const other: string[] = [];
    for (let n = 0; n < 2; n++) other.push(await platform.submit({ steps: 1, stepMilliseconds: 1 }, { projectId }));
    const turns = await platform.tx((tx) => platform.service.turns(tx, [...long, ...other]));
    await platform.startWorker();
    for (const id of [...long, ...other]) await platform.reaches(id, 'succeeded');
    const started = await platform.query<{ id: string }>(
      'SELECT compute_job_id AS id FROM compute_attempts WHERE compute_job_id = ANY ($1) ORDER BY created_at, id',
      [[...long, ...other]],
    );
    // The other project was never served before, so it is first of the two.
    expect(started.map(({ id }) => id)).toEqual([other[0], long[0], other[1], long[1], long[2], long[3]]);
    expect(started.map(({ id }) => turns.get(id))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is refused where the trainer would not take it, or where it would write elsewhere', async () => {
    await expect(
      platform.submit({}, { limits: { threads: 0, memory_bytes: 1, wall_seconds: 1 } }),
    ).rejects.toMatchObject({
      code: 'INVALID_COMPUTE_JOB',
    });
    await expect(platform.submit({}, { outputPrefix: 'org/another/x/' })).rejects.toMatchObject({
      code: 'INVALID_COMPUTE_JOB',
    });
  });
});
