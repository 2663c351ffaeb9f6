import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.js';

/** What is known of a process that we started, kept where the next supervisor finds it. */
export interface ProcessRecord extends ProcessIdentity {
  name: string;
  command: string;
  /** The signal that ends it in order. */
  stopSignal: NodeJS.Signals;
}

const SUFFIX = '.pid.json';

/** Written whole or not at all: the reader may come after a kill -9 in the middle of anything. */
export function writePidFile(directory: string, record: ProcessRecord): void {
  mkdirSync(directory, { recursive: true });
  const path = pidFile(directory, record.name);
  writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`);
  renameSync(`${path}.new`, path);
}

export function readPidFile(directory: string, name: string): ProcessRecord | null {
  try {
    return JSON.parse(readFileSync(pidFile(directory, name), 'utf8')) as ProcessRecord;
  } catch {
    return null;
  }
}

export function listPidFiles(directory: string): ProcessRecord[] {
  return namesIn(directory)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => readPidFile(directory, name.slice(0, -SUFFIX.length)))
    .filter((record) => record !== null);
}

export function removePidFile(directory: string, name: string): void {
  rmSync(pidFile(directory, name), { force: true });
}

function pidFile(directory: string, name: string): string {
  return join(directory, `${name}${SUFFIX}`);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
