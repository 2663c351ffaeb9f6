import { z } from 'zod';
import type { ObjectStore } from '#platform/storage';

const LENGTH_BYTES = 8;
const LARGEST_HEADER_BYTES = 64 * 1024 ** 2;

const Header = z.record(
  z.string(),
  z.object({ shape: z.array(z.int().min(0)), data_offsets: z.tuple([z.int(), z.int()]) }),
);

/** How many numbers a safetensors file holds, read from its header alone; a problem if it isn't one, or not a whole one. */
export async function readSafetensors(
  store: ObjectStore,
  key: string,
  bytes: number,
): Promise<{ parameters: number } | { problem: string }> {
  if (bytes < LENGTH_BYTES) return { problem: 'is too short for a safetensors file' };
  const headerBytes = (await readRange(store, key, 0, LENGTH_BYTES)).readBigUInt64LE();
  if (headerBytes > BigInt(Math.min(LARGEST_HEADER_BYTES, bytes - LENGTH_BYTES)))
    return { problem: 'is no safetensors file: its header would be longer than it is' };
  const dataStart = LENGTH_BYTES + Number(headerBytes);
  const tensors = parseHeader((await readRange(store, key, LENGTH_BYTES, dataStart)).toString('utf8'));
  if (!tensors) return { problem: 'has a header that is not of a safetensors file' };
  const dataEnd = Math.max(0, ...tensors.map((tensor) => tensor.data_offsets[1]));
  if (dataStart + dataEnd !== bytes) return { problem: 'is cut off: its tensors do not end where the file does' };
  return { parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0) };
}

function parseHeader(text: string): Array<z.infer<typeof Header>[string]> | null {
  try {
    const { __metadata__: _, ...tensors } = JSON.parse(text);
    const header = Header.safeParse(tensors);
    return header.success ? Object.values(header.data) : null;
  } catch {
    return null;
  }
}

async function readRange(store: ObjectStore, key: string, start: number, end: number): Promise<Buffer> {
  if (end === start) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  for await (const chunk of await store.getStream(key, { range: { start, end: end - 1 } }))
    chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
