import { describe, expect, test } from '@jest/globals';
import { MOST_ROWS, readSuiteLines } from './suite-lines';

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const user = { role: 'user', content: 'Rust: X : Integer;' };
const assistant = { role: 'assistant', content: 'let x: i32;' };

describe('lines of a suite', () => {
  test('are prompts or chats with what is expected', () => {
    const given = [
      { prompt: 'a', expected: 'b' },
      { messages: [user], expected: 'let x: i32;' },
    ];
    expect(readSuiteLines(lines(...given))).toEqual({ rows: given, problem: null });
  });

  test('may be training data: the last answer is expected', () => {
    const { rows } = readSuiteLines(lines({ messages: [user, assistant] }, { prompt: 'a', completion: 'b' }));
    expect(rows).toEqual([
      { messages: [user], expected: assistant.content },
      { prompt: 'a', expected: 'b' },
    ]);
  });

  test('that are empty are passed over and still counted', () => {
    const { rows, problem } = readSuiteLines(`\n${lines({ prompt: 'a', expected: 'b' })}\r\n\n{`);
    expect(rows).toHaveLength(1);
    expect(problem).toMatchObject({ line: 4, message: expect.stringMatching(/no JSON/) });
  });

  test.each([
    ['no prompt', { expected: 'b' }],
    ['an empty answer', { prompt: 'a', expected: '' }],
    ['no answer', { prompt: 'a' }],
    ['a text', 'a'],
    ['a role that no model knows', { messages: [{ role: 'tool', content: 'x' }], expected: 'b' }],
  ])('with %s are refused with what to write', (_, row) => {
    expect(readSuiteLines(lines(row)).problem).toMatchObject({ line: 1, message: expect.stringMatching(/prompt/) });
  });

  test('of a chat that ends in a question are refused', () => {
    expect(readSuiteLines(lines({ messages: [assistant, user] })).problem?.message).toMatch(/last message/);
  });

  test('are at most as many as the api takes', () => {
    const row = { prompt: 'a', expected: 'b' };
    const full = Array.from({ length: MOST_ROWS }, () => row);
    expect(readSuiteLines(lines(...full)).problem).toBeNull();
    expect(readSuiteLines(lines(...full, row))).toMatchObject({ problem: { line: MOST_ROWS + 1 } });
  });
});
