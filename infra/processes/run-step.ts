import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { endManaged, startProcess } from './managed-process.js';
import { removePidFile } from './pid-files.js';
import { logFileOf, type RuntimeHome } from './runtime-home.js';
import { SetUpError } from './set-up-error.js';

export interface Step {
  /** Names its log and its pid file. */
  name: string;
  what: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  remedy: string;
  onLine?: (line: string) => void;
  /** Ends the step before its time. */
  signal?: AbortSignal | undefined;
}

const TAIL_MILLISECONDS = 200;

/** Runs a program to its end, its output in a log of its own. One that fails is told with cause, log and remedy. */
export async function runStep(home: RuntimeHome, step: Step): Promise<void> {
  const logFile = logFileOf(home, step.name);
  writeFileSync(logFile, '', { mode: 0o600 });
  const running = startProcess(home, { ...step, logFile });
  const end = () => void endManaged(home, running.record, 10_000);
  step.signal?.addEventListener('abort', end, { once: true });
  const finished = new AbortController();
  const following = step.onLine ? followLog(logFile, step.onLine, finished.signal) : Promise.resolve();
  const { code, signal } = await running.exited;
  finished.abort();
  await following;
  step.signal?.removeEventListener('abort', end);
  removePidFile(home.run, step.name);
  if (code !== 0) {
    throw new SetUpError(step.what, signal ? `it was ended by ${signal}` : `it ended with code ${code}`, {
      logFile,
      remedy: step.remedy,
    });
  }
}

/** Tells the last whole line that was added, now and then: enough to show that something moves. */
async function followLog(path: string, onLine: (line: string) => void, finished: AbortSignal): Promise<void> {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(64 * 1024);
  let position = 0;
  try {
    while (!finished.aborted) {
      await sleep(TAIL_MILLISECONDS, undefined, { signal: finished }).catch(() => undefined);
      const bytes = readSync(file, chunk, 0, chunk.length, position);
      position += bytes;
      const line = chunk
        .toString('utf8', 0, bytes)
        .split(/[\r\n]/)
        .findLast((text) => text.trim().length > 0);
      if (line) onLine(line.trim());
    }
  } finally {
    closeSync(file);
  }
}
