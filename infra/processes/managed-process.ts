import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessRecord, removePidFile, writePidFile } from './pid-files.js';
import { isRunning, processStartToken } from './process-identity.js';
import type { RuntimeHome } from './runtime-home.js';

/** Children inherit this name of their home: what a lost pid file does not tell, the process itself does. */
export const SUPERVISED_VARIABLE = 'FORKPOINT_SUPERVISED';

const LOG_LIMIT_BYTES = 50 * 1024 * 1024;
const POLL_MILLISECONDS = 25;

export interface ProcessSpec {
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  logFile: string;
  /** Another user to run as; only root may ask for it. */
  user?: { uid: number; gid: number };
  stopSignal?: NodeJS.Signals;
}

export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ManagedProcess {
  record: ProcessRecord;
  exited: Promise<ProcessExit>;
  /** Lets this program end while the process lives on. */
  unref(): void;
}

/**
 * Starts a process in a session of its own, so that Ctrl-C at the terminal reaches the supervisor alone, which then
 * ends everything in order. Its output goes to a file, so that it outlives whoever started it.
 */
export function startProcess(home: RuntimeHome, spec: ProcessSpec): ManagedProcess {
  const log = openLog(spec.logFile);
  let child: ChildProcess;
  try {
    child = spawn(spec.command, [...spec.args], {
      cwd: spec.cwd,
      env: { ...spec.env, [SUPERVISED_VARIABLE]: home.root },
      detached: true,
      stdio: ['ignore', log, log],
      ...(spec.user ?? {}),
    });
  } finally {
    closeSync(log);
  }
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const pid = child.pid ?? -1;
  const record: ProcessRecord = {
    name: spec.name,
    command: spec.command,
    pid,
    startToken: processStartToken(pid) ?? 'ended-at-once',
    stopSignal: spec.stopSignal ?? 'SIGTERM',
  };
  writePidFile(home.run, record);
  return { record, exited, unref: () => child.unref() };
}

/** Asks a process to end in order, and ends its whole group by force when the grace has passed. */
export async function endProcess(record: ProcessRecord, graceMilliseconds: number): Promise<void> {
  signalProcess(record, record.stopSignal);
  if (!(await endedWithin(record, graceMilliseconds))) signalProcess(record, 'SIGKILL');
  // What the leader left behind in its group has no reason to live on without it.
  killGroup(record.pid);
  if (!(await endedWithin(record, 5_000))) throw new Error(`${record.name} (pid ${record.pid}) does not die`);
}

export async function endManaged(home: RuntimeHome, record: ProcessRecord, graceMilliseconds: number): Promise<void> {
  await endProcess(record, graceMilliseconds);
  removePidFile(home.run, record.name);
}

function signalProcess(record: ProcessRecord, signal: NodeJS.Signals): void {
  if (!isRunning(record)) return;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The group has the pid of its leader for a number; the kernel gives that number to nobody while a member lives. */
function killGroup(groupId: number): void {
  if (groupId <= 1) return;
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch {
    // ESRCH: nobody is left, which is what we want. EPERM: the number now is a stranger's group.
  }
}

async function endedWithin(record: ProcessRecord, milliseconds: number): Promise<boolean> {
  for (let waited = 0; waited <= milliseconds; waited += POLL_MILLISECONDS) {
    if (!isRunning(record)) return true;
    await sleep(POLL_MILLISECONDS);
  }
  return !isRunning(record);
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  const log = openSync(path, 'a', 0o600);
  chmodSync(path, 0o600);
  return log;
}
