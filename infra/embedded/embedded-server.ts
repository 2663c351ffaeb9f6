import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ManagedProcess, type ProcessSpec } from '../processes/index.js';

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

/** Waits until a process answers; fails at once, with the end of its log, when it has ended. */
export async function waitUntilReady(
  running: ManagedProcess,
  options: { isReady: () => Promise<boolean>; withinMilliseconds: number; logFile: string },
): Promise<void> {
  const { name } = running.record;
  const deadline = performance.now() + options.withinMilliseconds;
  while (performance.now() < deadline) {
    if (await options.isReady().catch(() => false)) return;
    if (!isRunning(running.record)) {
      throw new Error(`${name} ended while starting.${logTail(options.logFile)}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
  const seconds = options.withinMilliseconds / 1000;
  throw new Error(`${name} is not ready after ${seconds} s.${logTail(options.logFile)}`);
}

export function logTail(path: string, lines = 8): string {
  let text = '';
  try {
    text = readFileSync(path, 'utf8').slice(-4_000).trimEnd();
  } catch {
    return ` It wrote no log (${path}).`;
  }
  return ` The end of its log, ${path}:\n${text.split('\n').slice(-lines).join('\n')}`;
}
