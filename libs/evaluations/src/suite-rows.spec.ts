import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { boundedLines } from './bounded-lines.js';
import { isOnSide, parseLine, toSuiteRow } from './suite-rows.js';

describe('a line of a dataset', () => {
  test.each([
    [
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b', weight: 1 },
        ],
        tools: [],
      },
      { messages: [{ role: 'user', content: 'a' }], expected: 'b' },
    ],
    [
      { prompt: 'a', completion: 'b' },
      { prompt: 'a', expected: 'b' },
    ],
    [
      { prompt: 'a', expected: 'b' },
      { prompt: 'a', expected: 'b' },
    ],
    [
      { messages: [{ role: 'user', content: 'a' }], expected: 'b' },
      { messages: [{ role: 'user', content: 'a' }], expected: 'b' },
    ],
  ])('%j becomes %j', (line, row) => {
    expect(toSuiteRow(line, 1)).toEqual(row);
  });

  test.each([
    [
      {
        messages: [
          { role: 'assistant', content: 'a' },
          { role: 'user', content: 'b' },
        ],
      },
      'the last message',
    ],
    [
      {
        messages: [
          { role: 'robot', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      },
      'it needs',
    ],
    [{ prompt: 'a', completion: '' }, 'it needs'],
    [{ text: 'a' }, 'it needs'],
    [[], 'it needs'],
    [null, 'it needs'],
  ])('%j is refused', (line, problem) => {
    const refusal = { code: 'SUITE_ROW_INVALID', message: expect.stringContaining(`Row 7: ${problem}`) };
    expect(() => toSuiteRow(line, 7)).toThrow(expect.objectContaining(refusal));
  });

  test('that is no JSON is refused', () => {
    expect(() => parseLine('{"prompt":', 2)).toThrow(expect.objectContaining({ code: 'SUITE_ROW_INVALID' }));
  });
});

describe('a split', () => {
  test('is the one that the trainer makes', () => {
    // What forkpoint_trainer/prepare/job.py says for seed 7 and 0.2.
    const validation = Array.from({ length: 20 }, (_, index) => index + 1).filter((line) =>
      isOnSide(line, { part: 'validation', fraction: 0.2, seed: 7 }),
    );
    expect(validation).toEqual([2, 5, 12, 15, 16, 20]);
  });

  test('puts every line on one side, and more of them as the fraction grows', () => {
    const fraction = fc.double({ min: 0.001, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1 }), fraction, fraction, (seed, line, one, other) => {
        const [smaller, larger] = [Math.min(one, other), Math.max(one, other)];
        const on = (part: 'train' | 'validation', share: number) => isOnSide(line, { part, fraction: share, seed });
        expect(on('train', smaller)).toBe(!on('validation', smaller));
        if (on('validation', smaller)) expect(on('validation', larger)).toBe(true);
      }),
    );
  });
});

describe('lines', () => {
  const collect = async (chunks: Buffer[], limitBytes = 100) => {
    const found: Array<[number, string]> = [];
    const source = (async function* () {
      yield* chunks;
    })();
    for await (const { number, text } of boundedLines(source, limitBytes)) found.push([number, text]);
    return found;
  };

  test('are the same however the stream is cut', async () => {
    const text = fc.array(fc.constantFrom('', 'a', 'é', '  ', '{"b":1}', '\r'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 5 })), async (lines, cuts) => {
        const whole = Buffer.from(lines.join('\n'));
        const chunks: Buffer[] = [];
        let rest = whole;
        for (const cut of cuts) {
          chunks.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        chunks.push(rest);
        const expected = lines.map((line, index) => [index + 1, line.trim()]).filter(([, line]) => line !== '');
        expect(await collect(chunks)).toEqual(expected);
      }),
    );
  });

  test('over the limit are refused by number, whether they end or not; a byte order mark is left out', async () => {
    const refusal = { code: 'SUITE_ROW_INVALID', message: expect.stringContaining('Row 2') };
    await expect(collect([Buffer.from('a\nbbbbb\nc')], 4)).rejects.toMatchObject(refusal);
    await expect(collect([Buffer.from('a\nbb'), Buffer.from('bbb')], 4)).rejects.toMatchObject(refusal);
    expect(await collect([Buffer.from('\ufeff{}\n{}')])).toEqual([
      [1, '{}'],
      [2, '{}'],
    ]);
  });
});
