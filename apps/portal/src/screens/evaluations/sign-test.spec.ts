import { describe, expect, test } from '@jest/globals';
import { signTestSentence } from './sign-test';

describe('the sign test in words', () => {
  test('says nothing of chance where nothing differs', () => {
    expect(signTestSentence({ wins: 0, losses: 0, signTestP: 1 })).toMatch(/^No example came out differently/);
  });

  test('names which is better when chance is unlikely', () => {
    const better = signTestSentence({ wins: 15, losses: 3, signTestP: 0.00754 });
    expect(better).toContain('15 to 3');
    expect(better).toContain('in 0.8% of comparisons');
    expect(better).toMatch(/the candidate is better/);
    expect(signTestSentence({ wins: 3, losses: 15, signTestP: 0.00754 })).toMatch(/the candidate is worse/);
  });

  test('claims nothing when chance may be the reason', () => {
    const sentence = signTestSentence({ wins: 3, losses: 2, signTestP: 1 });
    expect(sentence).toContain('in 100% of comparisons');
    expect(sentence).not.toMatch(/candidate is/);
    expect(signTestSentence({ wins: 6, losses: 1, signTestP: 0.125 })).not.toMatch(/candidate is/);
  });

  test('never rounds a small probability to zero', () => {
    expect(signTestSentence({ wins: 40, losses: 0, signTestP: 1.8e-12 })).toContain(
      'in fewer than 0.1% of comparisons',
    );
  });
});
