import type { RawFile } from './documents';

/** How much of a file is read to find lines; beyond it the file is for downloading. */
const READ_AT_MOST_BYTES = 64 * 1024 ** 2;
/** How much of one line is kept: as much as somebody reads. */
export const SHOWN_CHARACTERS = 4_000;

/** The lines that are asked for, by number from 1; what lies too far in is left out. */
export async function readLines(
  file: Pick<RawFile, 'content' | 'contentEncoding'>,
  wanted: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, string>> {
  if (!file.content || wanted.length === 0) return new Map();
  const headers = file.content.headers as Record<string, string>;
  const response = await fetch(file.content.url, { headers: withoutHost(headers), signal });
  if (!response.ok || !response.body) throw new Error(`The file store answered ${response.status}`);
  const bytes =
    file.contentEncoding === 'GZIP'
      ? response.body.pipeThrough(new DecompressionStream('gzip') as ReadableWritablePair<Uint8Array, Uint8Array>)
      : response.body;
  return pickLines(bytes, wanted);
}

/** Reads no further than the last line that is wanted. */
export async function pickLines(
  bytes: ReadableStream<Uint8Array>,
  wanted: readonly number[],
  atMostBytes = READ_AT_MOST_BYTES,
): Promise<Map<number, string>> {
  const open = new Set(wanted);
  const found = new Map<number, string>();
  const decoder = new TextDecoder();
  const reader = bytes.getReader();
  let read = 0;
  let line = 1;
  let text = '';
  const end = () => {
    if (open.delete(line)) found.set(line, text.slice(0, SHOWN_CHARACTERS).replace(/\r$/, ''));
    line += 1;
    text = '';
  };
  try {
    while (open.size > 0 && read < atMostBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      read += value.length;
      const pieces = decoder.decode(value, { stream: true }).split('\n');
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) end();
        // Lines that nobody asked for are counted, not kept.
        if (open.has(line) && text.length < SHOWN_CHARACTERS) text += piece;
      }
    }
    // A last line without an end; one that was cut off by the limit counts as far as it goes.
    if (text) end();
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return found;
}

function withoutHost(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host'));
}
