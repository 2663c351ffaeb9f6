import { describe, expect, it } from '@jest/globals';
import { parsePercents, subjectOf, usedShare } from './reading';

const usd = (nanos: string) => ({ currency: 'USD', nanos });
const window = (spent: string, held: string) => ({
  spent: usd(spent),
  held: usd(held),
  left: usd('0'),
  alertedPercents: [],
});

describe('the share that is used', () => {
  it.each([
    ['of what is spent and held', '1000', '250', '500', 0.75],
    ['beyond the limit', '1000', '1500', '0', 1.5],
    ['of amounts that no number holds', '90071992547409930000', '45035996273704965000', '0', 0.5],
    ['of nothing', '0', '0', '0', 1],
  ])('%s', (_what, limit, spent, held, share) => {
    expect(usedShare({ limit: usd(limit), window: window(spent, held) })).toBe(share);
  });
});

describe('thresholds', () => {
  it.each<[string, number[] | null]>([
    ['50, 80,100', [50, 80, 100]],
    [' 5% ', [5]],
    ['', []],
    ['80, 50', null],
    ['50, 50', null],
    ['0, 50', null],
    ['50; 80', null],
    ['12.5', null],
    ['1,2,3,4,5,6,7,8,9,10,11', null],
  ])('"%s" are %j', (text, percents) => {
    expect(parsePercents(text)).toEqual(percents);
  });
});

it('says by the id what a cap is on', () => {
  const organizationId = 'org_1';
  expect(subjectOf({ organizationId, subjectId: 'org_1' })).toBe('ORGANIZATION');
  expect(subjectOf({ organizationId, subjectId: 'proj_1' })).toBe('PROJECT');
  expect(subjectOf({ organizationId, subjectId: 'key_1' })).toBe('API_KEY');
});
