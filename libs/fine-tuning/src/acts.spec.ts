import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ComputeJobState } from '#libs/compute';
import { RunningWork } from '#libs/contracts';
import { stopNewWork } from '#test/harness';
import type { FineTuneJob } from './fine-tune-job.js';
import { FINE_TUNE_STATES, type FineTuneState } from './fine-tune-job.state.js';
import { FineTuningFixture, type Tuner } from './fine-tuning.fixture.js';

let fixture: FineTuningFixture;
let tuner: Tuner;
/** Validated: a job on it is queued at once. */
let trainingFileId: string;

beforeAll(async () => {
  fixture = await FineTuningFixture.start();
  tuner = await fixture.tuner();
  ({ trainingFileId } = await fixture.queued(tuner));
});
afterAll(() => fixture?.stop());

type Act = 'cancel' | 'pause' | 'resume';

const move = (act: Act, job: FineTuneJob) => fixture.move(tuner, act, job.id);
const running = async () => {
  const job = await fixture.create(tuner, { trainingFileId });
  await fixture.begin(tuner, job.computeJobId!);
  return fixture.job(tuner, job.id);
};

const reach: Record<FineTuneState, () => Promise<FineTuneJob>> = {
  validating_files: () => fixture.create(tuner),
  queued: () => fixture.create(tuner, { trainingFileId }),
  running,
  paused: async () => {
    const job = await running();
    await move('pause', job);
    return fixture.ended(tuner, job, { outcome: 'paused' });
  },
  succeeded: async () => {
    const job = await running();
    return fixture.ended(tuner, job, { outcome: 'succeeded', output: await fixture.adapterOf(tuner, job, 6) });
  },
  failed: async () => fixture.ended(tuner, await running(), { outcome: 'failed' }),
  cancelled: async () => {
    const job = await fixture.create(tuner, { trainingFileId });
    await move('cancel', job);
    return fixture.job(tuner, job.id);
  },
};

/** What the caller is told, how the job stands then, and what is asked of compute. */
type Outcome = [told: string, status: FineTuneState, compute: ComputeJobState | null];
const NOT_PAUSED = 'FINE_TUNE_JOB_NOT_PAUSED';
const over = (status: FineTuneState, compute: ComputeJobState): Record<Act, Outcome> => ({
  cancel: ['INVALID_TRANSITION', status, compute],
  pause: ['INVALID_TRANSITION', status, compute],
  resume: [NOT_PAUSED, status, compute],
});
const ACTS: Record<FineTuneState, Record<Act, Outcome>> = {
  validating_files: {
    cancel: ['cancelled', 'cancelled', null],
    pause: ['INVALID_TRANSITION', 'validating_files', null],
    resume: [NOT_PAUSED, 'validating_files', null],
  },
  // Nothing runs: it is so at once.
  queued: {
    cancel: ['cancelled', 'cancelled', 'cancelled'],
    pause: ['paused', 'paused', 'paused'],
    resume: [NOT_PAUSED, 'queued', 'queued'],
  },
  // It is asked for, and so when the trainer is gone.
  running: {
    cancel: ['running', 'running', 'cancelling'],
    pause: ['running', 'running', 'pausing'],
    resume: [NOT_PAUSED, 'running', 'running'],
  },
  paused: {
    cancel: ['cancelled', 'cancelled', 'cancelled'],
    pause: ['INVALID_TRANSITION', 'paused', 'paused'],
    resume: ['queued', 'queued', 'queued'],
  },
  succeeded: over('succeeded', 'succeeded'),
  failed: over('failed', 'failed'),
  cancelled: over('cancelled', 'cancelled'),
};

describe.each(FINE_TUNE_STATES)('a job that is %s', (state) => {
  test.each(Object.entries(ACTS[state]) as Array<[Act, Outcome]>)(
    'answers to %s',
    async (act, [told, status, compute]) => {
      const job = await reach[state]();
      expect(job.status).toBe(state);
      expect(await move(act, job)).toBe(told);
      expect((await fixture.job(tuner, job.id)).status).toBe(status);
      const computeJob = job.computeJobId && (await fixture.computeJob(tuner, job.computeJobId));
      expect(computeJob ? computeJob.state : null).toBe(compute);
    },
  );
});

test('a stop of new work refuses what begins or goes on, a job whose file is good only then too, and nothing that runs', async () => {
  const [paused, validating, runs] = [await reach.paused(), await reach.validating_files(), await running()];
  const lift = await stopNewWork(fixture.graphql, tuner);
  await expect(fixture.create(tuner, { trainingFileId })).rejects.toMatchObject({
    code: 'SERVICE_STOPPED',
    status: 402,
  });
  expect(await move('resume', paused)).toBe('SERVICE_STOPPED');
  await fixture.endPreparation(tuner, validating.preparationId!);
  expect(await fixture.job(tuner, validating.id)).toMatchObject({
    status: 'failed',
    error: { code: 'service_stopped' },
  });
  const counted = await fixture.as(fixture.lab, (tx) => fixture.graphql.get(RunningWork).of(tx, tuner.organizationId));
  expect(counted.find(({ what }) => what === 'train')!.count).toBeGreaterThanOrEqual(2);
  const output = await fixture.adapterOf(tuner, runs, 6);
  expect((await fixture.ended(tuner, runs, { outcome: 'succeeded', output })).status).toBe('succeeded');
  await lift();
  expect(await move('resume', paused)).toBe('queued');
});
