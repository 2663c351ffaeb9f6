import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ManagedProcess, type ProcessSpec, SetUpError } from '../processes/index.js';

/** One of the servers that a fresh machine lacks: how to prepare it, start it, and tell that it is ready. */
export interface EmbeddedServer {
  name: string;
  /** Makes its data directory and configuration; done again before every start. */
  prepare(): Promise<void>;
  process(): ProcessSpec;
  isReady(): Promise<boolean>;
  /** What has to exist inside it: roles, a bucket. Safe to repeat. */
  provision(): Promise<void>;
  readyWithinMilliseconds: number;
  stopWithinMilliseconds: number;
}

const POLL_MILLISECONDS = 50;

/** Waits until a process answers; fails at once when it has ended. */
export async function waitUntilReady(
  running: ManagedProcess,
  options: { isReady: () => Promise<boolean>; withinMilliseconds: number; logFile: string },
): Promise<void> {
  const { logFile, withinMilliseconds, isReady } = options;
  const what = `Starting ${running.record.name}`;
  const deadline = performance.now() + withinMilliseconds;
  let obstacle = 'it did not answer';
  while (performance.now() < deadline) {
    const ready = await isReady().catch((error: Error) => {
      obstacle = error.message;
      return false;
    });
    if (ready) return;
    if (!isRunning(running.record)) {
      throw new SetUpError(what, 'it ended at once', { logFile, remedy: 'npm run doctor names what is in the way' });
    }
    await sleep(POLL_MILLISECONDS);
  }
  throw new SetUpError(what, `it was not ready after ${withinMilliseconds / 1000} s (${obstacle})`, {
    logFile,
    remedy: 'the machine may be too busy: try again; npm run doctor names what is in the way',
  });
}
