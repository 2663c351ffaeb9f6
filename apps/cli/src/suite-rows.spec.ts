import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readSuiteRows } from './suite-rows.js';

describe('rows of a suite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forkpoint-rows-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const rowsOf = (...lines: string[]) => {
    const path = join(folder, 'rows.jsonl');
    writeFileSync(path, lines.join('\n'));
    return readSuiteRows(path);
  };

  test('are prompts or chats with what is expected, or lines of a training file', async () => {
    const question = { role: 'user', content: 'q' };
    const answer = { role: 'assistant', content: 'a' };
    expect(
      await rowsOf(
        '{"prompt": "p", "expected": "e"}',
        '',
        '{"prompt": "p", "completion": "c"}',
        JSON.stringify({ messages: [question], expected: 'e' }),
        JSON.stringify({ messages: [question, { ...answer, weight: 1 }] }),
      ),
    ).toEqual([
      { prompt: 'p', expected: 'e' },
      { prompt: 'p', expected: 'c' },
      { messages: [question], expected: 'e' },
      { messages: [question], expected: 'a' },
    ]);
  });

  test.each([
    ['{"prompt": "p"}', 'line 1: give prompt or messages, and expected'],
    ['{', 'line 1 is not JSON'],
    ['[1]', 'line 1 is not a JSON object'],
    ['', 'has no rows'],
  ])('%s is refused with its line', async (line, message) => {
    await expect(rowsOf(line)).rejects.toThrow(message);
  });
});
