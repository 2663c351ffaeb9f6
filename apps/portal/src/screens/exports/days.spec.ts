import { describe, expect, test } from '@jest/globals';
import { countDays, daysOf, lastMonth, rangeOf } from './days';

describe('days of an export', () => {
  test('begin with the month before, over the turn of a year too', () => {
    expect(lastMonth(Date.parse('2026-03-31T23:59:59Z'))).toEqual({ first: '2026-02-01', last: '2026-02-28' });
    expect(lastMonth(Date.parse('2028-01-01T00:00:00Z'))).toEqual({ first: '2027-12-01', last: '2027-12-31' });
  });

  test('are all of the last one too', () => {
    const february = { first: '2028-02-01', last: '2028-02-29' };
    expect(rangeOf(february)).toEqual({ from: '2028-02-01T00:00:00.000Z', to: '2028-03-01T00:00:00.000Z' });
    expect(countDays(february)).toBe(29);
    expect(countDays({ first: '2028-02-01', last: '2028-02-01' })).toBe(1);
    expect(daysOf(rangeOf(february))).toEqual(february);
  });

  test('are none where a range has parts of them', () => {
    expect(daysOf({ from: '2028-02-01T06:00:00Z', to: '2028-03-01T00:00:00Z' })).toBeNull();
    expect(daysOf({ from: '2028-02-01T00:00:00Z', to: '2028-02-01T00:00:00.001Z' })).toBeNull();
  });
});
