import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** In a worker, so that the page answers while gigabytes are read; in pieces, since none of them fits into memory. */
const PIECE_BYTES = 4 * 1024 ** 2;

addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  void hash(data).then(
    (hex) => postMessage({ hex }),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});

async function hash(blob: Blob): Promise<string> {
  const state = sha256.create();
  for (let from = 0; from < blob.size; from += PIECE_BYTES) {
    state.update(new Uint8Array(await blob.slice(from, from + PIECE_BYTES).arrayBuffer()));
    postMessage({ hashedBytes: Math.min(blob.size, from + PIECE_BYTES) });
  }
  return bytesToHex(state.digest());
}
