import { describe, expect, test } from '@jest/globals';
import { formatDifference, formatScore, formatStandardError, gainOf } from './metrics';

describe('a score', () => {
  test('is a share of what is right, or a loss with its unit', () => {
    expect(formatScore('EXACT_MATCH', 0.625)).toBe('62.5% right');
    expect(formatScore('CONTAINS', 1)).toBe('100% right');
    expect(formatScore('LOSS', 1.28371)).toBe('1.284 nats per token');
  });

  test('that is zero is shown as such', () => {
    expect(formatScore('EXACT_MATCH', 0)).toBe('0% right');
    expect(formatScore('LOSS', 0)).toBe('0 nats per token');
  });

  test('has its error in points of percent, not in percent of it', () => {
    expect(formatStandardError('EXACT_MATCH', 0.0494)).toBe('± 4.9 points');
    expect(formatStandardError('CONTAINS', 0.01)).toBe('± 1 point');
    expect(formatStandardError('LOSS', 0.0213)).toBe('± 0.021');
  });
});

describe('a difference', () => {
  test('has a sign and a unit', () => {
    expect(formatDifference('EXACT_MATCH', 0.125)).toBe('+12.5 points');
    expect(formatDifference('EXACT_MATCH', -0.05)).toBe('−5 points');
    expect(formatDifference('LOSS', -0.2134)).toBe('−0.2134 nats per token');
    expect(formatDifference('CONTAINS', 0)).toBe('0 points');
  });

  test('of a loss is a gain where it is negative', () => {
    expect(gainOf('LOSS', -0.2)).toBeGreaterThan(0);
    expect(gainOf('EXACT_MATCH', -0.2)).toBeLessThan(0);
  });
});
