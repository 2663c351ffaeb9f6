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

/** Steps that a job has to have made before it is harmed, once and again: past a whole checkpoint, in the middle of an epoch. */
const HARM_AFTER_STEPS = [18, 24] as const;

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

type Harm = () => void | Promise<void>;
const kill = (name: 'worker' | 'api' | 'gateway' | 'postgres') => () => platform.recovered(platform.kill(name));

/** In one job, one after the other. */
const FAULTS: Record<string, readonly Harm[]> = {
  'kill -9 of the worker and a flush of the queues': [kill('worker'), flushQueues],
  'kill -9 of the api and of the gateway': [kill('api'), kill('gateway')],
  'kill -9 of PostgreSQL': [kill('postgres')],
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

  it.each(Object.entries(FAULTS))('%s in mid-job', async (name, harms) => {
    await harmedInMidJob(name.replaceAll(/[^A-Za-z0-9]+/g, '-'), harms);
  });

  it('kill -9 of the trainer, going on after its last whole checkpoint', async () => {
    const job = await harmedInMidJob('killed-trainer', [killTrainer]);
    expect(job.attempts.length).toBe(2);
    expect(job.attempts[1]?.resumedFromStep).toBeGreaterThanOrEqual(15);
  });

  it('a flush while it still waits in the queue', async () => {
    const id = await createShortJob(file, 'flushed-early');
    await flushQueues();
    expect((await jobUntil(id, isOver)).status).toBe('SUCCEEDED');
  });

  async function harmedInMidJob(suffix: string, harms: readonly Harm[]): Promise<Job> {
    const id = await createShortJob(file, suffix);
    for (const [place, harm] of harms.entries()) {
      const reached = await jobUntil(id, (job) => isOver(job) || stepOf(job) >= HARM_AFTER_STEPS[place]!);
      // Else nothing would have been harmed.
      expect(reached.progress?.stage).toBe('training');
      await harm();
    }
    const job = await jobUntil(id, isOver);
    expect(job).toMatchObject({ status: 'SUCCEEDED', error: null });
    expectSameTraining(job, undisturbed);
    expect(await variantsNamed(suffix)).toEqual([job.outputName]);
    expect(await usageEventsOf(id)).toBe(1);
    return job;
  }
});

function stepOf({ progress }: Job): number {
  return progress?.stage === 'training' ? progress.step : 0;
}

/** The same curve to 1e-6, the same tokens, the same bill. */
function expectSameTraining(job: Job, yardstick: Job): void {
  expect(job.metricSeries.length).toBe(yardstick.metricSeries.length);
  job.metricSeries.forEach(({ value }, index) => {
    expect(Math.abs(value - yardstick.metricSeries[index]!.value)).toBeLessThanOrEqual(1e-6);
  });
  expect(job.trainedTokens).toBe(yardstick.trainedTokens);
  expect(job.cost).toEqual(yardstick.cost);
}
