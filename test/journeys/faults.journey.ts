import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import {
  createShortJob,
  isOver,
  type Job,
  jobUntil,
  platform,
  uploadTrainingFile,
  usageEventsOf,
  variantsNamed,
} from './support/partner.js';

/** Steps that a job has to have made before it is harmed: past its first whole checkpoint, in the middle of an epoch. */
const HARM_AFTER_STEP = 18;

/** The trainer of the one job that runs: processes that were started in the platform's own home. */
function killTrainer(): void {
  const home = resolve(platform.home);
  const trainers = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const command = commandOf(pid);
      return command[1] === '-m' && command[2] === 'forkpoint_trainer' && command.some((part) => part.startsWith(home));
    });
  if (trainers.length === 0) throw new Error('no trainer runs');
  for (const pid of trainers) process.kill(Number(pid), 'SIGKILL');
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

async function flushQueues(): Promise<void> {
  const valkey = new Redis(platform.servers()['VALKEY_URL']!);
  await valkey.flushall();
  await valkey.quit();
}

const FAULTS: Record<string, () => Promise<void>> = {
  'kill -9 of the worker': async () => platform.recovered(platform.kill('worker')),
  'kill -9 of the api': async () => platform.recovered(platform.kill('api')),
  'kill -9 of the gateway': async () => platform.recovered(platform.kill('gateway')),
  'a flush of the queues': flushQueues,
  'kill -9 of PostgreSQL': async () => platform.recovered(platform.kill('postgres')),
};

describe('a fine-tune job survives', () => {
  let file: string;
  let undisturbed: Job;

  beforeAll(async () => {
    file = await uploadTrainingFile();
    undisturbed = await jobUntil(await createShortJob(file, 'undisturbed'), isOver);
  });

  it('nothing: the yardstick', () => {
    expect(undisturbed).toMatchObject({ status: 'SUCCEEDED', error: null });
    expect(undisturbed.metricSeries.map(({ step }) => step)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
  });

  it.each(Object.entries(FAULTS))('%s in mid-job', async (name, harm) => {
    await harmedInMidJob(name.replaceAll(/[^A-Za-z0-9]+/g, '-'), harm);
  });

  it('kill -9 of the trainer, going on after its last whole checkpoint', async () => {
    const job = await harmedInMidJob('killed-trainer', async () => killTrainer());
    expect(job.attempts.length).toBe(2);
    expect(job.attempts[1]?.resumedFromStep).toBeGreaterThanOrEqual(15);
  });

  it('a flush while it still waits in the queue', async () => {
    const id = await createShortJob(file, 'flushed-early');
    await flushQueues();
    expect((await jobUntil(id, isOver)).status).toBe('SUCCEEDED');
  });

  async function harmedInMidJob(suffix: string, harm: () => Promise<void>): Promise<Job> {
    const id = await createShortJob(file, suffix);
    await jobUntil(id, (job) => job.progress?.stage === 'training' && job.progress.step >= HARM_AFTER_STEP);
    await harm();
    const job = await jobUntil(id, isOver);
    expect(job).toMatchObject({ status: 'SUCCEEDED', error: null });
    expectSameTraining(job, undisturbed);
    expect(await variantsNamed(suffix)).toEqual([job.outputName]);
    expect(await usageEventsOf(id)).toBe(1);
    return job;
  }
});

/** The same curve to 1e-6, the same tokens, the same bill. */
function expectSameTraining(job: Job, yardstick: Job): void {
  expect(job.metricSeries.length).toBe(yardstick.metricSeries.length);
  job.metricSeries.forEach(({ value }, index) => {
    expect(Math.abs(value - yardstick.metricSeries[index]!.value)).toBeLessThanOrEqual(1e-6);
  });
  expect(job.trainedTokens).toBe(yardstick.trainedTokens);
  expect(job.cost).toEqual(yardstick.cost);
}
