import { describe, expect, test } from '@jest/globals';
import { smoothed, spliced } from './curve-parts';
import type { ComparedJob, ComparedRun } from './documents';
import { bestOf, evaluationsOf } from './evaluations';
import { jobsOf, MOST_JOBS, namesOf } from './selection';
import { settingsOf } from './settings';

describe('the jobs that an address names', () => {
  test('are each there once', () => {
    expect(jobsOf('a,b, a,,c')).toEqual(['a', 'b', 'c']);
    expect(jobsOf(undefined)).toEqual([]);
  });

  test('are as many as can be told apart', () => {
    const many = Array.from({ length: MOST_JOBS + 5 }, (_, index) => `job${index}`);
    expect(jobsOf(many.join())).toHaveLength(MOST_JOBS);
  });

  test('are called by suffix, or by the end of their id where that is nobody’s own', () => {
    const jobs = [
      { id: 'ftjob_0000aaaaaa', suffix: 'early' },
      { id: 'ftjob_0000bbbbbb', suffix: 'late' },
      { id: 'ftjob_0000cccccc', suffix: 'late' },
      { id: 'ftjob_0000dddddd', suffix: null },
    ];
    expect([...namesOf(jobs).values()]).toEqual(['early', 'late bbbbbb', 'late cccccc', 'dddddd']);
  });
});

describe('a curve', () => {
  const whole = { steps: [1, 10, 20, 30], values: [4, 3, 2, 1] };

  test('has a part that is seen closer in its place', () => {
    expect(spliced(whole, { steps: [8, 10, 12, 20], values: [3.3, 3, 2.7, 2] })).toEqual({
      steps: [1, 8, 10, 12, 20, 30],
      values: [4, 3.3, 3, 2.7, 2, 1],
    });
    expect(spliced(whole, { steps: [30, 31], values: [1, 0.9] }).steps).toEqual([1, 10, 20, 30, 31]);
    expect(spliced(whole, { steps: [], values: [] })).toBe(whole);
    expect(spliced(whole, undefined)).toBe(whole);
  });

  test('is smoothed by step, however far its points lie apart', () => {
    expect(smoothed(whole, 0)).toEqual(whole);
    const near = smoothed({ steps: [1, 2], values: [2, 4] }, 0.5);
    expect(near.values).toEqual([2, 5 / 1.5]);
    const far = smoothed({ steps: [1, 101], values: [2, 4] }, 0.5);
    expect(far.values[1]).toBeCloseTo(4, 6);
  });
});

test('settings differ where one job has another value, or none', () => {
  const job = (recipe: object, change: Partial<ComparedJob> = {}) =>
    ({
      method: 'supervised',
      seed: 1,
      parent: { id: 'c', name: 'base' },
      trainingFile: { id: 'f', filename: 'a.jsonl' },
      validationFile: null,
      recipe,
      ...change,
    }) as ComparedJob;
  const settings = settingsOf([
    job({ rank: 8, target_modules: ['q_proj', 'v_proj'], seed: 1 }),
    job({ rank: 16, target_modules: ['q_proj', 'v_proj'], max_steps: 10, seed: 1 }, { parent: null }),
  ]);
  expect(settings.filter(({ differs }) => differs)).toEqual([
    { id: 'base', label: 'Base', values: ['base', 'one that you may not see'], differs: true },
    { id: 'rank', label: 'rank', values: ['8', '16'], differs: true },
    { id: 'max_steps', label: 'max steps', values: ['–', '10'], differs: true },
  ]);
  expect(settings.find(({ id }) => id === 'target_modules')?.values).toEqual(['q_proj, v_proj', 'q_proj, v_proj']);
  expect(settings.filter(({ id }) => id === 'seed')).toHaveLength(1);
});

describe('evaluations of variants', () => {
  const jobs = [{ checkpoint: { id: 'a' } }, { checkpoint: null }, { checkpoint: { id: 'c' } }] as ComparedJob[];
  const run = (suite: string, createdAt: string, score: number | null, metric = 'EXACT_MATCH') =>
    ({
      id: `${suite} ${createdAt}`,
      createdAt,
      suite: { id: suite, name: suite },
      score: score === null ? null : { metric, score, examples: 10 },
    }) as ComparedRun;

  test('are the newest of each suite that succeeded, in the order of the jobs', () => {
    const runs = new Map([
      ['a', [run('s', '2026-02-02', 0.5), run('s', '2026-02-01', 0.9), run('s', '2026-02-03', null)]],
      ['c', [run('s', '2026-02-01', 0.4), run('other', '2026-02-01', 0.1)]],
    ]);
    expect(evaluationsOf(jobs, runs)).toEqual([
      { id: 'other', label: 'other', metric: 'EXACT_MATCH', scores: [null, null, 0.1] },
      { id: 's', label: 's', metric: 'EXACT_MATCH', scores: [0.5, null, 0.4] },
    ]);
  });

  test.each([
    ['EXACT_MATCH', [0.5, null, 0.4], [0]],
    ['LOSS', [0.5, null, 0.4], [2]],
    ['EXACT_MATCH', [0.5, 0.5, 0.4], [0, 1]],
    ['EXACT_MATCH', [0.5, null, 0.5], []],
    ['EXACT_MATCH', [null, null, 0.5], []],
  ] as const)('of %s %j has its best at %j', (metric, scores, places) => {
    expect([...bestOf({ id: 's', label: 's', metric, scores: [...scores] })]).toEqual(places);
  });
});
