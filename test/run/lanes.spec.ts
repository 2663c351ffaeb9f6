import { expect, test } from '@jest/globals';
import { lanesEnd, secondsAdded } from './lanes.js';

const took = (...seconds: number[]) => seconds.map((each, index) => ({ what: String(index), seconds: each }));

test('each lane takes the next when it is free', () => {
  expect(lanesEnd(took(10, 4, 5, 3), 2)).toBe(12);
  expect(lanesEnd(took(10, 4, 5, 3), 1)).toBe(22);
  expect(lanesEnd([], 2)).toBe(0);
});

test('what one of them adds is what the lanes would have saved without it', () => {
  expect(secondsAdded('1', took(10, 4, 5, 3), 2)).toBe(2);
  expect(secondsAdded('0', took(10, 4), 2)).toBe(6);
  expect(secondsAdded('none', took(10, 4), 2)).toBe(0);
});
