import { describe, expect, test } from '@jest/globals';
import type { ComputeProgress } from '#libs/compute';
import type { FineTuneState } from './fine-tune-job.state.js';
import { CONCLUSION_SECONDS, estimateFinish, secondsLeft } from './finish-estimate.js';
import { OVERHEAD_SECONDS } from './plan.js';

const START = new Date('2026-03-01T12:00:00.000Z');
const at = (seconds: number) => new Date(START.getTime() + seconds * 1000);
const job = (status: FineTuneState) => ({
  status,
  startedAt: status === 'running' ? START : null,
  estimatedSeconds: 60,
  estimatedFinishAt: at(50),
  recordedTrainingSeconds: null,
});
const told = (seconds: number, left: number | null): ComputeProgress => ({
  stage: 'training',
  step: 20,
  totalSteps: 100,
  tokens: 2_000,
  secondsLeft: left,
  toldAt: at(seconds).toISOString(),
});
const alone = (progress: ComputeProgress) => ({ ...progress, recordedTrainingSeconds: null });

describe('when a job will be over', () => {
  test('is what its trainer had left when it told of it, and the conclusion', () => {
    expect(estimateFinish(job('running'), told(10, 40), at(12))).toEqual(at(50 + CONCLUSION_SECONDS));
    expect(secondsLeft(alone(told(10, 40)), at(12))).toBe(38 + CONCLUSION_SECONDS);
  });

  test('is weighed against what jobs on record took, the less the more of its steps are done', () => {
    const left = (progress: Partial<ComputeProgress>, recordedTrainingSeconds = 100) =>
      secondsLeft({ ...told(10, 40), ...progress, recordedTrainingSeconds }, at(10))! - CONCLUSION_SECONDS;
    // A fifth is done: a fifth of the trainer's forty seconds, and four fifths of the eighty that are left by the record.
    expect(left({})).toBeCloseTo(0.2 * 40 + 0.8 * 80);
    expect(left({ step: 90 })).toBeCloseTo(0.9 * 40 + 0.1 * 10);
    expect(left({ step: 100 })).toBe(40);
    // Bytes say nothing of the steps, and the trainer knows best what is left of its upload.
    expect(left({ stage: 'uploading' })).toBe(40);
    const recorded = { ...job('running'), recordedTrainingSeconds: 100 };
    expect(estimateFinish(recorded, told(10, 40), at(10))).toEqual(at(10 + 72 + CONCLUSION_SECONDS));
  });

  test('is what was planned until the trainer can tell, from its start on', () => {
    expect(estimateFinish(job('running'), null, at(5))).toEqual(at(60));
    expect(estimateFinish(job('running'), told(5, null), at(5))).toEqual(at(60));
    expect(secondsLeft(alone(told(5, null)), at(5))).toBeNull();
  });

  test('counts all of the training as still to come for as long as the start-up takes', () => {
    expect(estimateFinish(job('running'), null, at(OVERHEAD_SECONDS))).toEqual(at(60));
    expect(estimateFinish(job('running'), null, at(OVERHEAD_SECONDS + 15))).toEqual(at(75));
  });

  test('is as it was accepted until it starts', () => {
    expect(estimateFinish(job('queued'), null, at(5))).toEqual(at(50));
    expect(estimateFinish({ ...job('validating_files'), estimatedFinishAt: null }, null, at(5))).toBeNull();
  });

  test('is never in the past', () => {
    expect(estimateFinish(job('running'), told(10, 1), at(30))).toEqual(at(30));
    expect(estimateFinish(job('queued'), null, at(90))).toEqual(at(90));
    expect(secondsLeft(alone(told(10, 1)), at(30))).toBe(0);
  });

  test.each(['paused', 'succeeded', 'failed', 'cancelled'] as const)('is not foretold of one that is %s', (status) => {
    expect(estimateFinish(job(status), told(10, 40), at(12))).toBeNull();
  });
});
