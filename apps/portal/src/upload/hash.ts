type HashMessage = { hashedBytes: number } | { hex: string } | { error: string };

/** SHA-256 of a file of any size, lower-case hex. */
export function hashBlob(blob: Blob, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' });
  const outcome = new Promise<string>((finish, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    worker.addEventListener('error', ({ message }) => fail(new Error(message)));
    worker.addEventListener('message', ({ data }: MessageEvent<HashMessage>) => {
      if ('hex' in data) finish(data.hex);
      else if ('error' in data) fail(new Error(data.error));
      else onProgress(data.hashedBytes);
    });
  });
  worker.postMessage(blob);
  return outcome.finally(() => worker.terminate());
}
