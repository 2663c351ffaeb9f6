import { describe, expect, it } from '@jest/globals';
import { pickLines } from './raw-lines';

function streamOf(text: string, pieceBytes: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let from = 0;
  return new ReadableStream({
    pull(controller) {
      if (from >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(from, from + pieceBytes));
      from += pieceBytes;
    },
  });
}

describe('lines of a file by their numbers', () => {
  const text = 'one\r\nzwei ß\n\nvier';

  it.each([1, 2, 3, 100])('finds them however the bytes arrive (%i at a time)', async (pieceBytes) => {
    expect([...(await pickLines(streamOf(text, pieceBytes), [1, 2, 3, 4]))]).toEqual([
      [1, 'one'],
      [2, 'zwei ß'],
      [3, ''],
      [4, 'vier'],
    ]);
  });

  it('leaves out what is not there', async () => {
    expect([...(await pickLines(streamOf(text, 5), [4, 9])).keys()]).toEqual([4]);
  });

  it('reads no further than it has to, and never more than the limit', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new TextEncoder().encode('a line\n'));
      },
    });
    expect((await pickLines(endless, [3])).get(3)).toBe('a line');
    expect(pulled).toBeLessThan(6);
    const long = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(10)) });
    expect((await pickLines(long, [2], 50)).size).toBe(0);
  });
});
