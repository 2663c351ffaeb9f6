import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareTexts, type Piece } from './diff';

const ownOf = (pieces: Piece[]) => pieces.filter(({ own }) => own).map(({ text }) => text);
const textOf = (pieces: Piece[]) => pieces.map(({ text }) => text).join('');

describe('two answers', () => {
  test('differ where they differ', () => {
    const [left, right] = compareTexts('let mut pump: i32 = 3;', 'let pump: u32 = 3;');
    expect(ownOf(left)).toEqual(['mut', 'i32']);
    expect(ownOf(right)).toEqual(['u32']);
  });

  test('that are the same have no mark', () => {
    expect(compareTexts('a b', 'a b').map(ownOf)).toEqual([[], []]);
  });

  test('of which one has not begun are marked as a whole', () => {
    expect(compareTexts('fn main', '').map(ownOf)).toEqual([['fn', 'main'], []]);
  });

  test('are never changed by the comparison', () => {
    const word = fc.constantFrom('a', 'b', ' ', '\n', 'ü', '.');
    const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(''));
    fc.assert(
      fc.property(text, text, (left, right) => {
        const [a, b] = compareTexts(left, right);
        expect([textOf(a), textOf(b)]).toEqual([left, right]);
        const shared = (pieces: Piece[]) => textOf(pieces.filter(({ own }) => !own)).replace(/\s/g, '');
        expect(shared(a)).toBe(shared(b));
      }),
    );
  });
});
