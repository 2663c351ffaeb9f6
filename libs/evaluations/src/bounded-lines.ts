import { EVALUATION_ERRORS } from './evaluations.errors.js';

export interface Line {
  /** From 1, blank lines counted. */
  number: number;
  text: string;
}

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

/** The lines of a stream that are not blank, holding one line at a time; one over the limit is refused. */
export async function* boundedLines(source: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<Line> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let number = 1;
  const take = (last: Buffer): Line | null => {
    const text = Buffer.concat([...held, last])
      .toString('utf8')
      .trim();
    const line = { number, text: number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text };
    held = [];
    heldBytes = 0;
    number += 1;
    return line.text === '' ? null : line;
  };
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      assertWithin(heldBytes + end - start, limitBytes, number);
      const line = take(chunk.subarray(start, end));
      if (line) yield line;
      start = end + 1;
    }
    held.push(chunk.subarray(start));
    heldBytes += chunk.byteLength - start;
    assertWithin(heldBytes, limitBytes, number);
  }
  const line = take(Buffer.alloc(0));
  if (line) yield line;
}

function assertWithin(bytes: number, limitBytes: number, line: number): void {
  if (bytes <= limitBytes) return;
  throw EVALUATION_ERRORS.SUITE_ROW_INVALID({ line, problem: `it is longer than ${limitBytes} bytes.` });
}
