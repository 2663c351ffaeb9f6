import { expect, test } from '@jest/globals';
import { errorsByTenth, errorsOf } from './errors.js';

const run = (...samples: Array<[at: number, finish: number]>) => ({
  startedMilliseconds: 1_000,
  finishedMilliseconds: 11_000,
  samples: samples.map(([atMilliseconds, finishMilliseconds]) => ({ atMilliseconds, finishMilliseconds })),
});

test('errors are shares of the run, late or early, from a share of it on', () => {
  expect(errorsOf(run([2_000, 40_000], [3_000, 12_000], [5_000, 10_500], [9_000, 11_100]), 0.2)).toEqual({
    samples: 3,
    largest: 0.1,
    median: 0.05,
  });
});

test('a run of which nothing was foretold has no errors to tell', () => {
  expect(() => errorsOf(run([2_000, 11_000]), 0.2)).toThrow('nothing was foretold');
});

test('at each tenth of the run the latest word counts', () => {
  const tenths = errorsByTenth(run([3_000, 12_000], [5_500, 10_500], [9_000, 11_100]));
  expect(tenths).toEqual([null, 0.1, 0.1, 0.1, -0.05, -0.05, -0.05, 0.01, 0.01]);
});
