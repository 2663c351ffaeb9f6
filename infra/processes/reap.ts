import { readdirSync, readFileSync } from 'node:fs';
import { endProcess, SUPERVISED_VARIABLE } from './managed-process.js';
import { listPidFiles, type ProcessRecord, removePidFile } from './pid-files.js';
import { isRunning, processStartToken } from './process-identity.js';
import type { RuntimeHome } from './runtime-home.js';

/** What an earlier supervisor of this home left running: known by a pid file, or by the environment it inherited. */
export function findLeftovers(home: RuntimeHome): ProcessRecord[] {
  return [...listPidFiles(home.run).filter(isRunning), ...findStrays(home)];
}

/** Ends them, and forgets the pid files of those long gone. Gives those that were still running. */
export async function reap(home: RuntimeHome, graceMilliseconds = 5_000): Promise<ProcessRecord[]> {
  const leftovers = findLeftovers(home);
  await Promise.all(leftovers.map((record) => endProcess(record, graceMilliseconds)));
  for (const record of listPidFiles(home.run)) removePidFile(home.run, record.name);
  return leftovers;
}

/** Of this home, but started by a process of it rather than by the supervisor: attempts and engines. */
export function findStrays(home: RuntimeHome): ProcessRecord[] {
  const recorded = new Set(listPidFiles(home.run).map((record) => record.pid));
  return findByEnvironment(home).filter((record) => !recorded.has(record.pid));
}

/** Processes whose environment names this home: also grandchildren in sessions of their own (attempts, engines). */
function findByEnvironment(home: RuntimeHome): ProcessRecord[] {
  if (process.platform !== 'linux') return [];
  const mark = `${SUPERVISED_VARIABLE}=${home.root}`;
  const found: ProcessRecord[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid || pid === process.ppid) continue;
    const startToken = processStartToken(pid);
    if (startToken === null || !environmentOf(pid).includes(mark)) continue;
    found.push({ pid, startToken, name: `process ${pid}`, command: commandOf(pid), stopSignal: 'SIGTERM' });
  }
  return found;
}

function environmentOf(pid: number): string[] {
  return readZeroSeparated(`/proc/${pid}/environ`);
}

function commandOf(pid: number): string {
  return readZeroSeparated(`/proc/${pid}/cmdline`).join(' ').trim();
}

/** Empty for a process of another user, which is none of ours, and for one that has just ended. */
function readZeroSeparated(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\0');
  } catch {
    return [];
  }
}
